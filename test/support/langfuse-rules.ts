import type { DecodedAttributes, DecodedSpan } from './decoded-spans.ts';

/** A row as a Langfuse project shows it. */
export interface Observation {
  readonly id: string;
  readonly traceId: string;
  readonly parentId: string;
  readonly type: string;
  readonly name: string;
  readonly startTime: string;
  readonly traceName: string | undefined;
  readonly sessionId: string | undefined;
  readonly userId: string | undefined;
  readonly tags: readonly string[];
  readonly environment: string;
  readonly version: string | undefined;
  readonly release: string | undefined;
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly level: string;
  readonly statusMessage: string | undefined;
  readonly model: string | undefined;
  readonly usage: Readonly<Record<string, number>>;
  readonly cost: number | undefined;
}

const TYPES = new Set([
  'span',
  'generation',
  'event',
  'embedding',
  'agent',
  'tool',
  'chain',
  'retriever',
  'guardrail',
  'evaluator',
]);
const BY_OPERATION: Readonly<Record<string, string>> = {
  chat: 'generation',
  text_completion: 'generation',
  generate_content: 'generation',
  embeddings: 'embedding',
  invoke_agent: 'agent',
  create_agent: 'agent',
  execute_tool: 'tool',
};

function text(attributes: DecodedAttributes, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = attributes[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** The first rule that matches decides. */
function typeOf(attributes: DecodedAttributes): string {
  const stated = text(attributes, 'langfuse.observation.type');
  if (stated !== undefined && TYPES.has(stated)) return stated;
  const operation = text(attributes, 'gen_ai.operation.name');
  if (operation !== undefined && BY_OPERATION[operation] !== undefined)
    return BY_OPERATION[operation];
  if (text(attributes, 'gen_ai.tool.name', 'gen_ai.tool.call.id') !== undefined) return 'tool';
  const model = text(attributes, 'gen_ai.request.model', 'gen_ai.response.model', 'model');
  return model === undefined ? 'span' : 'generation';
}

function tagsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? value.split(',').map((tag) => tag.trim()) : [];
}

function environmentOf(span: DecodedSpan): string {
  const names = [
    'langfuse.environment',
    'deployment.environment.name',
    'deployment.environment',
  ] as const;
  const given = text(span.attributes, ...names) ?? text(span.resource, ...names) ?? 'default';
  const clean = given
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '-')
    .slice(0, 40);
  return clean.startsWith('langfuse') ? 'default' : clean;
}

/** JSON text of an object of numbers; the server makes nothing of anything else. */
function numbersIn(value: unknown): Record<string, number> {
  if (typeof value !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return {};
    const entries = Object.entries(parsed);
    if (entries.some(([, count]) => typeof count !== 'number' || !(count >= 0))) return {};
    return Object.fromEntries(entries);
  } catch {
    return {};
  }
}

/** What is not allowed to happen in a usage: parts that are no whole numbers or do not add up. */
export function complainAboutUsage(usage: Readonly<Record<string, number>>): string | undefined {
  const { total, ...parts } = usage;
  const counts = Object.values(parts);
  if (!counts.every(Number.isInteger)) return 'tokens are not whole numbers';
  const sum = counts.reduce((whole, count) => whole + count, 0);
  return total !== undefined && total !== sum
    ? `parts give ${sum}, total says ${total}`
    : undefined;
}

export function observationOf(span: DecodedSpan): Observation {
  const { attributes } = span;
  const agentSpan = text(attributes, 'gen_ai.operation.name') === 'invoke_agent';
  const level = text(attributes, 'langfuse.observation.level');
  return {
    id: span.spanId,
    traceId: span.traceId,
    parentId: span.parentSpanId,
    type: typeOf(attributes),
    name: text(attributes, 'gen_ai.tool.name') ?? span.name,
    startTime: span.startTimeUnixNano,
    traceName: text(attributes, 'langfuse.trace.name'),
    sessionId: text(attributes, 'langfuse.session.id', 'session.id', 'gen_ai.conversation.id'),
    userId: text(attributes, 'langfuse.user.id', 'user.id'),
    tags: tagsOf(attributes['langfuse.trace.tags']),
    environment: environmentOf(span),
    version: text(attributes, 'langfuse.version'),
    release: text(attributes, 'langfuse.release'),
    input: text(attributes, 'langfuse.observation.input', 'gen_ai.input.messages'),
    output: text(attributes, 'langfuse.observation.output', 'gen_ai.output.messages'),
    level: level ?? (span.status.code === 2 ? 'ERROR' : 'DEFAULT'),
    statusMessage:
      text(attributes, 'langfuse.observation.status_message') ??
      (span.status.message === '' ? undefined : span.status.message),
    model: agentSpan
      ? undefined
      : text(attributes, 'langfuse.observation.model.name', 'gen_ai.response.model'),
    usage: agentSpan ? {} : numbersIn(attributes['langfuse.observation.usage_details']),
    cost: agentSpan ? undefined : numbersIn(attributes['langfuse.observation.cost_details']).total,
  };
}

/** Why a score is refused; undefined when it is taken. */
export function complainAboutScore(score: Record<string, unknown>): string | undefined {
  const { id, traceId, sessionId, observationId, name, value, dataType, comment } = score;
  if (typeof id !== 'string' || id === '') return 'id: expected text';
  if (typeof name !== 'string' || name === '') return 'name: expected text';
  if ((traceId === undefined) === (sessionId === undefined)) return 'exactly one target';
  if (!/^[0-9a-f]{32}$/.test(String(traceId))) return 'traceId: expected 32 hex digits';
  if (observationId !== undefined && !/^[0-9a-f]{16}$/.test(String(observationId)))
    return 'observationId: expected 16 hex digits';
  if (comment !== undefined && typeof comment !== 'string') return 'comment: expected text';
  if (dataType === 'NUMERIC')
    return typeof value === 'number' ? undefined : 'value must be numeric';
  if (dataType === 'BOOLEAN')
    return value === 0 || value === 1 ? undefined : 'value must be 0 or 1';
  if (typeof value !== 'string') return 'value must be text';
  if (dataType === 'TEXT')
    return value.length > 0 && value.length <= 500
      ? undefined
      : 'value must have 1 to 500 characters';
  return dataType === 'CATEGORICAL' ? undefined : 'dataType: unknown';
}
