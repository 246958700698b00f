import { basename, join } from 'node:path';
import type { Agent } from '../agent.ts';
import type { Places } from '../places.ts';
import { detectTrace } from './detection.ts';
import { openTrace } from './reader.ts';

function places({ home, env }: Places): readonly string[] {
  const here = env.PWD ? [join(env.PWD, '.agent-traces')] : [];
  const named = env.AGENT_TRACE_DIR ? [env.AGENT_TRACE_DIR] : [];
  return [...named, ...here, join(home, '.agent-traces')];
}

function wants(path: string): boolean {
  const name = basename(path);
  return name.endsWith('.ndjson') && !name.startsWith('tenant-');
}

/** Stores of the older agent-strace: a folder per session with `events.ndjson` and `meta.json`. */
export const agentTrace: Agent = {
  name: 'agent-trace',
  product: 'agent-trace',
  namesOthers: true,
  summary: 'Older agent-strace stores (.agent-traces, NDJSON)',
  places,
  wants,
  detect: detectTrace,
  openLines: openTrace,
};
