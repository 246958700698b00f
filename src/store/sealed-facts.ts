import type { Facts, FactValue } from '../session/event.ts';

/** Name under which an event's sealed facts are committed to, disclosed and erased. */
export const SEALED = 'facts';

/**
 * Facts that stand in the hashed header, where everybody who gets a package reads them: identifiers and words of small
 * sets. Any other text (paths, commands, titles, messages, what a hook's payload happens to hold) is sealed: the header
 * has only a commitment to it, and the text can be withheld and erased like every content. Numbers and yes or no stay.
 */
const OPEN: ReadonlySet<string> = new Set([
  ...[
    'agent',
    'agent_id',
    'agent_name',
    'agent_type',
    'agent_version',
    'entrypoint',
    'parent_session',
  ],
  ...[
    'call_id',
    'call_digest',
    'tool_call_id',
    'prompt_id',
    'request_id',
    'response_id',
    'llm',
    'inputs',
    'outputs',
  ],
  ...[
    'name',
    'tool_name',
    'tool_type',
    'mcp_server',
    'mcp_tool',
    'mcp_transport',
    'skill',
    'shape',
    'level',
  ],
  ...[
    'provider',
    'model',
    'request_model',
    'response_model',
    'reasoning_level',
    'service_tier',
    'speed',
  ],
  ...[
    'temperature',
    'top_p',
    'stop_reason',
    'usage_basis',
    'cost_usd',
    'cost_period',
    'git_commit',
    'traceparent',
  ],
  ...[
    'outcome',
    'error_type',
    'retry_reason',
    'decision',
    'decision_source',
    'denial_kind',
    'source',
    'trigger',
  ],
  ...['origin', 'prompt_source', 'prompt_name', 'prompt_version', 'prompt_hash'],
]);

const LONGEST = 200;
/** A word or a few; no path from a root or home, no address of a person, no sentence. */
const IDENTIFIER = /^(?![/.~])(?:[\w.:;+#/<>()=-]|@\d)*(?: (?:[\w.:;+#/<>()=-]|@\d)+){0,3}$/;

export interface SplitFacts {
  readonly open: { readonly [name: string]: FactValue };
  /** Undefined when there are none. */
  readonly sealed: { readonly [name: string]: FactValue } | undefined;
}

/** Parts the facts of an event into those for its header and those to commit to. */
export function splitFacts(facts: { readonly [name: string]: FactValue }): SplitFacts {
  const open: { [name: string]: FactValue } = {};
  let sealed: { [name: string]: FactValue } | undefined;
  for (const name in facts) {
    const value = facts[name]!;
    if (isOpen(name, value)) open[name] = value;
    else {
      sealed ??= {};
      sealed[name] = value;
    }
  }
  return { open, sealed };
}

function isOpen(name: string, value: FactValue): boolean {
  if (typeof value === 'string') return OPEN.has(name) && isIdentifier(value);
  return typeof value !== 'object' || (OPEN.has(name) && value.every(isIdentifier));
}

function isIdentifier(value: string): boolean {
  return value.length <= LONGEST && IDENTIFIER.test(value);
}

/** The facts as they were before {@link splitFacts}; without what was erased. */
export function joinFacts(open: Facts, sealed: string | null): Facts {
  if (sealed === null) return open;
  return { ...open, ...(JSON.parse(sealed) as Facts) };
}
