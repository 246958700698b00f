import { basename, join } from 'node:path';
import type { Agent } from '../agent.ts';
import type { Places } from '../places.ts';
import { readGooseDatabase } from './database.ts';
import { detectGoose } from './detection.ts';
import { readExport } from './exported-session.ts';
import { openOldSession } from './lines.ts';
import { readRun } from './run-document.ts';
import { openRun } from './run-stream.ts';

function places({ home, env, platform }: Places): readonly string[] {
  const roots: string[] = [];
  if (env.GOOSE_PATH_ROOT)
    roots.push(
      join(env.GOOSE_PATH_ROOT, 'data', 'sessions'),
      join(env.GOOSE_PATH_ROOT, 'sessions'),
    );
  if (platform === 'win32' && env.APPDATA) {
    roots.push(
      join(env.APPDATA, 'Block', 'goose', 'data', 'sessions'),
      join(env.APPDATA, 'Block', 'goose', 'sessions'),
    );
  }
  return [...roots, join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'goose', 'sessions')];
}

function wants(path: string): boolean {
  const name = basename(path);
  return (
    (/sessions.*\.db$/.test(name) || /\.jsonl?$/.test(name)) &&
    !/^\.|secret|auth|token|config|cred|account/i.test(name)
  );
}

/** Goose: its session database, the files that it replaced, and the output of `goose run`. */
export const goose: Agent = {
  name: 'goose',
  product: 'goose',
  summary:
    'Goose sessions (database, exports, older line files), `run --output-format stream-json`',
  places,
  wants,
  detect: detectGoose,
  openLines: (context) =>
    context.detection.dialect === 'goose-run' ? openRun(context) : openOldSession(context),
  readDocument: (value, context) =>
    context.detection.dialect === 'goose-run'
      ? readRun(value, context)
      : readExport(value, context),
  readDatabase: readGooseDatabase,
};
