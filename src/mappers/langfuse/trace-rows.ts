import type { AttributeRow } from '../attribute-table.ts';

/** The name of an environment as Langfuse accepts it; undefined if nothing usable is left. */
export function environmentOf(name: string | undefined): string | undefined {
  const clean = name
    ?.toLowerCase()
    .slice(0, 200)
    .replace(/[^a-z0-9_-]/g, '-')
    .replace(/^(langfuse[-_]*)+/, '')
    .slice(0, 40);
  return clean || undefined;
}

/** On every span: Langfuse has no separate traces, so each observation says to which trace it belongs. */
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
    doc: 'User of the session, if recorded.',
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
    doc: 'Environment given by the user, spelled as Langfuse accepts it: lower case, at most 40 characters.',
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
    doc: 'Git branch on which the session began.',
    from: (_, { head }) => head.gitBranch,
  },
  {
    key: 'langfuse.trace.metadata.cwd',
    type: 'string',
    doc: 'Working directory in which the session began.',
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

/** The kind of observation that a span is. */
export function typeRow<Source>(type: ObservationType): AttributeRow<Source> {
  return {
    key: 'langfuse.observation.type',
    type: 'string',
    doc: `Always \`${type}\`.`,
    from: () => type,
  };
}

/** `langfuse.observation.metadata.<name>`, which can be filtered by. */
export function metadataKey(name: string): string {
  return `langfuse.observation.metadata.${name}`;
}

/** The row of a metadata attribute, by the name after its prefix. */
export function metaRow<T>(
  name: string,
  type: AttributeRow<T>['type'],
  doc: string,
  from: AttributeRow<T>['from'],
): AttributeRow<T> {
  return { key: metadataKey(name), type, doc, from };
}
