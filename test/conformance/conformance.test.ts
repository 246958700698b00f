import { resourceFromAttributes } from '@opentelemetry/resources';
import { describe, expect, it } from 'vitest';
import type { MapperOptions } from '../../src/mappers/mapper.ts';
import { otlpGenai } from '../../src/mappers/otlp-genai.ts';
import { GENAI, GENAI_CONVENTIONS, GENAI_OLD } from '../../src/mappers/semconv/genai.ts';
import { createSpanBuilder } from '../../src/mappers/span.ts';
import { everything, prompt } from '../mappers/operations.ts';
import { HEAD, OPTIONS, TOTALS } from '../mappers/session.ts';
import { checkTrace, type Profile } from './conformance.ts';
import { attributeFacts, REGISTRY } from './registry.ts';
import { type CheckedSpan, spansOfDocument } from './trace-under-check.ts';

function spansOf(options: Partial<MapperOptions>): CheckedSpan[] {
  const many = Array.from({ length: 600 }, () => prompt());
  const settings = {
    mapper: otlpGenai,
    options: { ...OPTIONS, ...options },
    head: HEAD,
    resource: resourceFromAttributes({}),
    scope: { name: 'agent-strace' },
    ancestors: () => [],
  };
  const whole = createSpanBuilder(settings);
  const continued = createSpanBuilder({ ...settings, continuation: 1 });
  return [
    ...[...everything(), ...many].flatMap((operation) => whole.operation(operation)),
    ...whole.finish(TOTALS),
    ...continued.finish({ ...TOTALS, outcome: 'error' }),
  ];
}

describe('otlp-genai follows the conventions', () => {
  const profiles: Profile[] = (['none', 'redacted', 'full'] as const).flatMap((content) =>
    (['latest', 'dual', 'legacy'] as const).flatMap((profile) =>
      (['agent-strace', 'semconv'] as const).map((spanNames) => ({ content, profile, spanNames })),
    ),
  );

  it.each(profiles)('with content $content, semconv $profile, names $spanNames', (profile) => {
    const { content, spanNames } = profile;
    const spans = spansOf({ content, spanNames: spanNames!, semconv: profile.profile });
    expect(spans.length).toBeGreaterThan(20);
    expect(checkTrace(spans, profile).failures).toEqual([]);
  });

  it('with silent failures raised to errors', () => {
    const spans = spansOf({ silentFailures: 'error' });
    expect(checkTrace(spans, { content: 'redacted', profile: 'latest' }).failures).toEqual([]);
  });

  it('copies its names from the pinned commit', () => {
    expect(GENAI_CONVENTIONS.commit).toBe(REGISTRY.version.commit);
    expect(GENAI_CONVENTIONS.schemaUrl).toBe(REGISTRY.version.schema_url);
    for (const key of Object.values(GENAI))
      expect([key, attributeFacts(key)?.deprecated]).toEqual([key, null]);
    for (const key of Object.values(GENAI_OLD))
      expect([key, attributeFacts(key)?.deprecated != null]).toEqual([key, true]);
  });
});

describe('the checker', () => {
  const chat: CheckedSpan = {
    name: 'gen_ai.client.operation',
    kind: 2,
    status: { code: 0 },
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.conversation.id': 's',
      'gen_ai.request.model': 'm',
    },
    events: [],
  };
  const tool: CheckedSpan = {
    ...chat,
    name: 'gen_ai.tool.call/Bash',
    kind: 0,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'Bash',
      'gen_ai.conversation.id': 's',
    },
  };
  /** What is found in `span` with some members replaced; an attribute given as undefined is taken out. */
  function failuresOf(
    span: CheckedSpan,
    own: Partial<CheckedSpan>,
    changed: object = {},
    profile: Partial<Profile> = {},
  ): readonly string[] {
    const entries = Object.entries({ ...span.attributes, ...changed });
    const attributes = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
    const settings = { content: 'full', profile: 'latest', ...profile } as const;
    return checkTrace([{ ...span, ...own, attributes }], settings).failures;
  }

  it('is content with a correct span', () => {
    expect(failuresOf(chat, {})).toEqual([]);
    expect(failuresOf(tool, {})).toEqual([]);
  });

  it.each([
    ['an unknown key', { 'gen_ai.cost': 1 }, /unknown key gen_ai\.cost/],
    ['a key that Object.prototype has', { 'mcp.constructor': 1 }, /unknown key/],
    ['a deprecated key', { 'gen_ai.system': 'anthropic' }, /deprecated key gen_ai\.system/],
    ['a wrong type', { 'gen_ai.usage.input_tokens': '12' }, /must be int/],
    [
      'a text where an array belongs',
      { 'gen_ai.response.finish_reasons': 'stop' },
      /must be string\[\]/,
    ],
    [
      'a missing required key',
      { 'gen_ai.provider.name': undefined },
      /required key gen_ai\.provider\.name/,
    ],
    [
      'a missing conversation',
      { 'gen_ai.conversation.id': undefined },
      /conversation\.id is missing/,
    ],
    [
      'a model without an operation',
      { 'gen_ai.operation.name': undefined },
      /without an operation/,
    ],
    ['an unknown operation', { 'gen_ai.operation.name': 'llm_call' }, /no span is defined/],
    ['an error type without an error', { 'error.type': 'timeout' }, /not ERROR/],
    [
      'more cached tokens than tokens',
      { 'gen_ai.usage.input_tokens': 5, 'gen_ai.usage.cache_read.input_tokens': 6 },
      /exceed the input/,
    ],
    [
      'more reasoning than output',
      { 'gen_ai.usage.output_tokens': 5, 'gen_ai.usage.reasoning.output_tokens': 6 },
      /exceed the output/,
    ],
    ['messages that are no JSON', { 'gen_ai.input.messages': 'hello' }, /does not parse/],
    [
      'a message without parts',
      { 'gen_ai.input.messages': '[{"role":"user","content":"x"}]' },
      /parts/,
    ],
    [
      'a part with a wrong member',
      { 'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"text","text":"x"}]}]' },
      /needs content/,
    ],
    ['a tool result that is no object', { 'gen_ai.tool.call.result': '"text"' }, /JSON object/],
  ])('finds %s', (_, attributes, finding) => {
    expect(failuresOf(chat, {}, attributes).join('\n')).toMatch(finding);
  });

  it('finds wrong kinds, names, statuses and content while content is off', () => {
    expect(failuresOf(chat, { kind: 0 }).join()).toMatch(/no span is defined/);
    expect(failuresOf(chat, { name: 'chat m' }).join()).toMatch(/name must be/);
    expect(failuresOf(chat, { name: 'chat m' }, {}, { spanNames: 'semconv' })).toEqual([]);
    expect(failuresOf(tool, { status: { code: 2 } }).join()).toMatch(/without error\.type/);
    expect(failuresOf(tool, { status: { code: 1 } }).join()).toMatch(/status OK/);
    const args = { 'gen_ai.tool.call.arguments': '{}' };
    expect(failuresOf(tool, {}, args)).toEqual([]);
    expect(failuresOf(tool, {}, args, { content: 'none' }).join()).toMatch(/content is off/);
    expect(
      failuresOf(tool, { events: [{ name: 'e', attributes: { 'gen_ai.nope': 1 } }] }).join(),
    ).toMatch(/event e: unknown key/);
  });

  it('takes an old name in place of a required one only in its profile', () => {
    const old = { 'gen_ai.provider.name': undefined, 'gen_ai.system': 'anthropic' };
    expect(failuresOf(chat, {}, old, { profile: 'legacy' })).toEqual([]);
    expect(failuresOf(chat, {}, old, { profile: 'dual' }).join()).toMatch(/required key/);
  });

  it('only warns of own values of open sets', () => {
    const span = { ...chat, attributes: { ...chat.attributes, 'gen_ai.provider.name': 'house' } };
    const findings = checkTrace([span], { content: 'full', profile: 'latest' });
    expect(findings.failures).toEqual([]);
    expect(findings.warnings.join()).toMatch(/own value house/);
  });

  it('reads OTLP JSON', () => {
    const value = (text: string) => ({ stringValue: text });
    const spans = spansOfDocument({
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  name: chat.name,
                  kind: 3,
                  status: { code: 2, message: 'overloaded' },
                  attributes: [
                    ...Object.entries(chat.attributes).map(([key, text]) => ({
                      key,
                      value: value(String(text)),
                    })),
                    { key: 'error.type', value: value('529') },
                    { key: 'gen_ai.usage.input_tokens', value: { intValue: '12' } },
                    {
                      key: 'gen_ai.response.finish_reasons',
                      value: { arrayValue: { values: [value('stop')] } },
                    },
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
    expect(spans[0]!.attributes['gen_ai.usage.input_tokens']).toBe(12);
    expect(checkTrace(spans, { content: 'none', profile: 'latest' }).failures).toEqual([]);
  });
});
