import { basename, join } from 'node:path';
import type { Agent } from '../agent.ts';
import type { Places } from '../places.ts';
import { detectTranscript, FULL_NAME, hasNoTranscript } from './detection.ts';
import { openSteps } from './reader.ts';

const ROOTS = ['antigravity-cli', 'antigravity', 'antigravity-ide'];

function places({ home, env }: Places): readonly string[] {
  const folder = join(env.GEMINI_CLI_HOME || home, '.gemini');
  return ROOTS.flatMap((root) => [
    join(folder, root, 'brain'),
    join(folder, root, 'conversations'),
  ]);
}

function wants(path: string): boolean {
  const name = basename(path);
  if (name === FULL_NAME || name === 'transcript.jsonl')
    return /[/\\]\.system_generated[/\\]logs[/\\]/.test(path);
  return hasNoTranscript(path);
}

/** Antigravity CLI: the transcripts that it writes for display. They have no tokens. */
export const antigravity: Agent = {
  name: 'antigravity',
  product: 'antigravity-cli',
  summary: 'Antigravity CLI transcripts (text and tool calls, no tokens)',
  places,
  wants,
  detect: detectTranscript,
  openLines: openSteps,
};
