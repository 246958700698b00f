import { shapeProblem } from './content-shapes.ts';
import { attributeFacts, definitionsOf, OPT_IN_KEYS, type SpanFacts } from './registry.ts';
import type { CheckedSpan } from './trace-under-check.ts';

export interface Profile {
  readonly content: 'none' | 'redacted' | 'full';
  readonly profile: 'latest' | 'dual' | 'legacy';
  /** `semconv` wants the conventions' span names; the default wants the names people know. */
  readonly spanNames?: 'agent-strace' | 'semconv';
}

export interface Findings {
  /** Against the conventions: a test fails. */
  readonly failures: readonly string[];
  /** Values outside an open set. */
  readonly warnings: readonly string[];
}

/** Namespaces in which every key has to be one the conventions know. */
const OWNED = /^(gen_ai|mcp|openai|aws\.bedrock)\./;
const ERROR = 2;
const CONTINUATION = / \(continuation \d+\)$/;

/** Names that replace the conventions' unless they are asked for, by operation. */
const FAMILIAR_NAMES: Readonly<Record<string, string>> = {
  chat: 'gen_ai.client.operation',
  execute_tool: 'gen_ai.tool.call/{gen_ai.tool.name}',
};

/** Checks every span of a trace against the GenAI conventions (facts in `genai-registry.json`). */
export function checkTrace(spans: readonly CheckedSpan[], profile: Profile): Findings {
  const failures: string[] = [];
  const warnings: string[] = [];
  for (const span of spans) {
    const report = (list: string[]) => (problem: string) => list.push(`${span.name}: ${problem}`);
    const fail = report(failures);
    const warn = report(warnings);
    checkKeys(span.attributes, profile, fail, warn);
    for (const event of span.events) {
      checkKeys(
        event.attributes ?? {},
        profile,
        (problem) => fail(`event ${event.name}: ${problem}`),
        warn,
      );
    }
    checkDefinition(span, profile, fail);
    checkError(span, fail);
    checkTokens(span, fail);
  }
  return { failures, warnings };
}

type Report = (problem: string) => void;

function checkKeys(
  attributes: CheckedSpan['attributes'],
  profile: Profile,
  fail: Report,
  warn: Report,
): void {
  for (const [key, value] of Object.entries(attributes)) {
    const facts = attributeFacts(key);
    if (facts === undefined) {
      if (OWNED.test(key)) fail(`unknown key ${key}`);
      continue;
    }
    if (facts.deprecated !== null && profile.profile === 'latest') fail(`deprecated key ${key}`);
    if (!hasType(value, facts.type))
      fail(`${key} must be ${facts.type}, is ${JSON.stringify(value)}`);
    const known = key === 'error.type' ? null : facts.enum;
    if (known !== null && typeof value === 'string' && !known.includes(value)) {
      warn(`${key} has the own value ${value}`);
    }
    if (OPT_IN_KEYS.has(key) && profile.content === 'none')
      fail(`content in ${key} while content is off`);
    const shape = shapeProblem(key, value);
    if (shape !== undefined) fail(`${key}: ${shape}`);
  }
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'int':
      return Number.isSafeInteger(value);
    case 'double':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'string[]':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    default:
      return value !== undefined;
  }
}

function checkDefinition(span: CheckedSpan, profile: Profile, fail: Report): void {
  const { attributes } = span;
  if (attributes['gen_ai.conversation.id'] === undefined) fail('gen_ai.conversation.id is missing');
  const operation = attributes['gen_ai.operation.name'];
  if (typeof operation !== 'string') {
    // Readers take a span with a model for a model call.
    for (const key of ['gen_ai.request.model', 'gen_ai.response.model']) {
      if (attributes[key] !== undefined) fail(`${key} on a span without an operation`);
    }
    return;
  }
  const definitions = definitionsOf(operation, span.kind);
  const base = definitions[0];
  if (base === undefined) {
    fail(`no span is defined for operation ${operation} and kind ${span.kind}`);
    return;
  }
  for (const [key, level] of Object.entries(base.attributes)) {
    if (level === 'required' && !isThere(key, attributes, profile))
      fail(`required key ${key} is missing`);
  }
  const allowed = allowedNames(operation, definitions, profile).map((format) =>
    filledIn(format, attributes),
  );
  if (!allowed.includes(span.name.replace(CONTINUATION, '')))
    fail(`the name must be one of ${allowed.join(' | ')}`);
}

function isThere(key: string, attributes: CheckedSpan['attributes'], profile: Profile): boolean {
  if (attributes[key] !== undefined) return true;
  const oldKey = key === 'gen_ai.provider.name' && profile.profile === 'legacy';
  return oldKey && attributes['gen_ai.system'] !== undefined;
}

function allowedNames(
  operation: string,
  definitions: readonly SpanFacts[],
  profile: Profile,
): string[] {
  const familiar = FAMILIAR_NAMES[operation];
  if (profile.spanNames !== 'semconv' && familiar !== undefined) return [familiar];
  return definitions.flatMap((facts) => [facts.name_format, ...facts.name_alternatives]);
}

/** A name format with its placeholders filled; a placeholder without a value goes with the space before it. */
function filledIn(format: string, attributes: CheckedSpan['attributes']): string {
  return format.replace(/( ?)\{([^}]+)\}/g, (_, space: string, key: string) => {
    const value = attributes[key];
    return value === undefined ? '' : `${space}${value}`;
  });
}

function checkError({ attributes, status }: CheckedSpan, fail: Report): void {
  const typed = attributes['error.type'] !== undefined;
  if (typed && status.code !== ERROR) fail('error.type although the status is not ERROR');
  if (!typed && status.code === ERROR) fail('status ERROR without error.type');
  if (status.code === 1) fail('status OK is for application owners');
}

function checkTokens({ attributes }: CheckedSpan, fail: Report): void {
  const count = (name: string) => Number(attributes[`gen_ai.usage.${name}`] ?? 0);
  if (attributes['gen_ai.usage.input_tokens'] !== undefined) {
    const written = Math.max(
      count('cache_write.input_tokens'),
      count('cache_creation.input_tokens'),
    );
    if (count('cache_read.input_tokens') + written > count('input_tokens'))
      fail('cached tokens exceed the input');
  }
  if (attributes['gen_ai.usage.output_tokens'] !== undefined) {
    if (count('reasoning.output_tokens') > count('output_tokens'))
      fail('reasoning tokens exceed the output');
  }
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('gen_ai.usage.') && Number(value) < 0) fail(`${key} is negative`);
  }
}
