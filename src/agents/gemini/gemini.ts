import { basename, join } from 'node:path';
import type { Agent } from '../agent.ts';
import type { Places } from '../places.ts';
import { detectSession } from './detection.ts';
import { geminiHooks } from './hooks.ts';
import { openReplayLog, readSessionDocument } from './reader.ts';
import { geminiRetention } from './retention.ts';
import { geminiSetup } from './setup.ts';
import { openStream } from './stream.ts';
import { detectStream } from './stream-detection.ts';

function places({ home, env, platform }: Places): readonly string[] {
  const moved = env.GEMINI_CLI_HOME;
  const other = moved ? [join(moved, '.gemini', 'tmp'), join(moved, 'tmp')] : [];
  // In the sandbox of macOS, the program cannot write to its usual folder.
  const sandboxed = platform === 'darwin' ? [moved || home] : [];
  return [
    ...other,
    join(home, '.gemini', 'tmp'),
    ...sandboxed.map((root) => join(root, '.cache', '.gemini', 'tmp')),
  ];
}

const NEVER =
  /^\.|oauth|cred|account|settings|token|secret|auth|package|config|^logs\.json$|^checkpoint-/i;

function wants(path: string): boolean {
  const name = basename(path);
  return /\.jsonl?$/.test(name) && !NEVER.test(name);
}

/** Gemini CLI: sessions as one JSON document or as the replay log that replaced it, and the output of `gemini -p`. */
export const gemini: Agent = {
  name: 'gemini',
  product: 'gemini-cli',
  summary: 'Gemini CLI chats (replay log, JSON document), `--output-format stream-json`',
  places,
  wants,
  detect: (sample) => detectSession(sample) ?? detectStream(sample),
  openLines: (context) =>
    context.detection.dialect === 'gemini-stream' ? openStream(context) : openReplayLog(context),
  readDocument: readSessionDocument,
  hooks: geminiHooks,
  setup: geminiSetup,
  retention: geminiRetention,
};
