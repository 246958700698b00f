import { basename, join } from 'node:path';
import type { Agent, Places } from '../agent.ts';
import { detectEvents } from './detection.ts';
import { copilotHooks } from './hooks.ts';
import { openEvents } from './reader.ts';
import { copilotSetup } from './setup.ts';

function places({ home, env }: Places): readonly string[] {
  return [join(env.COPILOT_HOME || join(home, '.copilot'), 'session-state')];
}

function wants(path: string): boolean {
  return basename(path).endsWith('events.jsonl');
}

/** GitHub Copilot CLI: the event log of each session. */
export const copilot: Agent = {
  name: 'copilot',
  product: 'copilot-cli',
  summary: 'GitHub Copilot CLI event logs',
  places,
  wants,
  detect: detectEvents,
  openLines: openEvents,
  hooks: copilotHooks,
  setup: copilotSetup,
};
