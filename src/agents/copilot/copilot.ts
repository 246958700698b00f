import { basename, join } from 'node:path';
import type { Agent } from '../agent.ts';
import type { Places } from '../places.ts';
import { detectEvents, OLD_FOLDER, USAGE_DATABASE } from './detection.ts';
import { copilotHooks } from './hooks.ts';
import { readOldSession } from './old-session.ts';
import { openEvents } from './reader.ts';
import { copilotSetup } from './setup.ts';
import { readUsageDatabase } from './usage-database.ts';

function places({ home, env }: Places): readonly string[] {
  const state = env.XDG_STATE_HOME;
  const roots = env.COPILOT_HOME
    ? [env.COPILOT_HOME]
    : [join(home, '.copilot'), ...(state ? [join(state, '.copilot')] : [])];
  return roots.flatMap((root) => [
    join(root, 'session-state'),
    join(root, 'history-session-state'),
    join(root, USAGE_DATABASE),
  ]);
}

/** The first event logs had no folder of their own. */
const BARE_LOG = /[/\\]session-state[/\\][^/\\]+\.jsonl$/;

function wants(path: string): boolean {
  const name = basename(path);
  return (
    name.endsWith('events.jsonl') ||
    name === USAGE_DATABASE ||
    BARE_LOG.test(path) ||
    OLD_FOLDER.test(path)
  );
}

/** GitHub Copilot CLI: the event log of each session, and the document that it replaced. */
export const copilot: Agent = {
  name: 'copilot',
  product: 'copilot-cli',
  summary: 'GitHub Copilot CLI event logs, and the JSON documents before 0.0.342',
  places,
  wants,
  detect: detectEvents,
  openLines: openEvents,
  readDocument: readOldSession,
  readDatabase: readUsageDatabase,
  hooks: copilotHooks,
  setup: copilotSetup,
};
