import type { AttributeRow } from '../attribute-table.ts';

/** Environment names as Langfuse takes them; undefined where nothing usable is left. */
export function environmentOf(name: string | undefined): string | undefined {
  const clean = name
    ?.toLowerCase()
    .slice(0, 200)
    .replace(/[^a-z0-9_-]/g, '-')
    .replace(/^(langfuse[-_]*)+/, '')
    .slice(0, 40);
  return clean || undefined;
}

/** On every span: Langfuse keeps no trace of its own, so each observation says what it belongs to. */
export const TRACE_ROWS: readonly AttributeRow<unknown>[] = [
  {
    key: 'langfuse.trace.name',
    type: 'string',
    doc: 'Name of the trace: the agent and the word session.',
    from: (_, { head }) => `${head.agentName} session`,
  },
  {
    key: 'langfuse.session.id',
    type: 'string',
    doc: 'Native id of the session.',
    from: (_, { head }) => head.sessionId,
  },
  {
    key: 'session.id',
    type: 'string',
    doc: 'The same under its general name.',
    from: (_, { head }) => head.sessionId,
  },
  {
    key: 'langfuse.user.id',
    type: 'string',
    doc: 'User of the session, where recorded.',
    from: (_, { head }) => head.userId,
  },
  {
    key: 'langfuse.trace.tags',
    type: 'string[]',
    doc: "The agent's product id, then the user's tags.",
    from: (_, { head, options }) => [head.agentId, ...(options.tags ?? [])],
  },
  {
    key: 'langfuse.environment',
    type: 'string',
    doc: 'Environment given by the user, in the spelling Langfuse takes: lower case, at most 40 characters.',
    from: (_, { options }) => environmentOf(options.environment),
  },
  {
    key: 'langfuse.version',
    type: 'string',
    doc: "The agent's own version.",
    from: (_, { head }) => head.agentVersion,
  },
  {
    key: 'langfuse.trace.metadata.run_id',
    type: 'string',
    doc: 'Run id given by the user, else the session id.',
    from: (_, { head }) => head.runId,
  },
  {
    key: 'langfuse.trace.metadata.git_branch',
    type: 'string',
    doc: 'Git branch the session began on.',
    from: (_, { head }) => head.gitBranch,
  },
  {
    key: 'langfuse.trace.metadata.cwd',
    type: 'string',
    doc: 'Working directory the session began in.',
    from: (_, { head }) => head.cwd,
  },
];

export type ObservationType =
  | 'span'
  | 'generation'
  | 'event'
  | 'agent'
  | 'tool'
  | 'chain'
  | 'retriever';

/** What kind of observation a span is. */
export function typeRow<Source>(type: ObservationType): AttributeRow<Source> {
  return {
    key: 'langfuse.observation.type',
    type: 'string',
    doc: `Always \`${type}\`.`,
    from: () => type,
  };
}

/** `langfuse.observation.metadata.<name>`: can be filtered by. */
export function metadataKey(name: string): string {
  return `langfuse.observation.metadata.${name}`;
}
