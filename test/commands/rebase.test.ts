import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAPPERS } from '../../src/mappers/registry.ts';
import { LONG_AGO, record, sessionFacts } from '../delivery/recorded-sessions.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const ID = 'abcdabcd-abcd-4bcd-8bcd-abcdabcdabcd';
const RECORDED_START = 'agent_strace.time.recorded_start_us';
const END = Date.parse('2026-11-29T00:00:00Z');
const DAY = 86_400_000;

interface Attribute {
  readonly key: string;
  readonly value: Record<string, unknown>;
}

/** A session with a call of a model whose first chunk has a time. */
function stored(): string {
  const db = join(temporaryFolder(), 'store.db');
  const drafts = sessionFacts({
    id: ID,
    prompt: 'fix it',
    calls: [{ output: 'ok' }, { error: 'broken' }],
  });
  const first = { ...drafts[0]!, operationKey: 'llm', parentKey: 'turn' };
  const call = {
    ...first,
    kind: 'llm_response' as const,
    eventId: 'llm',
    atMicros: LONG_AGO + 50_000,
    facts: { model: 'claude-opus-4-6', ttfc_us: 20_000, stop_reason: 'end_turn' },
  };
  record(db, ...drafts, call);
  return db;
}

/** Every attribute of a document, of spans, events and links. */
function attributesIn(value: unknown): Attribute[] {
  if (Array.isArray(value)) return value.flatMap(attributesIn);
  if (typeof value !== 'object' || value === null) return [];
  const { attributes, ...others } = value as { attributes?: Attribute[] };
  return [...(attributes ?? []), ...Object.values(others).flatMap(attributesIn)];
}

/** Times of day that a value holds, in milliseconds: in ISO form, or as a number of any unit. */
function timesIn(text: string): number[] {
  const iso = text.match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g) ?? [];
  const numbers = text.match(/\b\d{10,19}\b/g) ?? [];
  const millis = (digits: string) => Number(digits) / 10 ** (digits.length - 13);
  return [...iso.map(Date.parse), ...numbers.map(millis)];
}

it.each(MAPPERS.map(({ name }) => name))(
  '%s contains no time that was not shifted',
  async (name) => {
    const db = stored();
    const args = ['export', ID, '--format', name, '--content', 'full', '--db', db];
    const still = await runCli(args);
    const shifted = await runCli([...args, '--rebase-time', new Date(END).toISOString()]);
    expect(shifted.code).toBe(0);
    const stated = (document: string) =>
      attributesIn(JSON.parse(document))
        .filter(({ key }) => key !== RECORDED_START)
        .flatMap(({ key, value }) => timesIn(JSON.stringify(value)).map((at) => ({ key, at })));
    const before = stated(still.stdout);
    const after = stated(shifted.stdout);
    expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key));
    for (const { key, at } of after) expect(END - at, key).toBeLessThan(DAY);
    if (name === 'langfuse') expect(after).toHaveLength(1);
  },
);
