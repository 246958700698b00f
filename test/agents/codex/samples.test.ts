import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codex } from '../../../src/agents/codex/codex.ts';
import { expectWellFormed, readDamaged } from '../expectations.ts';
import { mutants } from '../mutations.ts';
import { countsOf, operationsOf, readText } from '../reading.ts';

const samples = process.env.AGENT_STRACE_SAMPLES;

interface Line {
  type?: string;
  payload?: {
    type?: string;
    role?: string;
    call_id?: string;
    name?: string;
    content?: { text?: string }[];
    info?: Info | null;
  };
}
interface Info {
  total_token_usage?: { input_tokens: number; output_tokens: number; cached_input_tokens: number };
}

/** Counts without any of our code: looks at one kind of record after the other. */
function naive(text: string) {
  const lines: Line[] = [];
  for (const row of text.split('\n')) {
    try {
      lines.push(JSON.parse(row) as Line);
    } catch {
      // An unfinished line.
    }
  }
  const of = (type: string) =>
    lines.filter((line) => line.type === type).map((line) => line.payload!);
  const typed = of('event_msg').filter((payload) => payload.type === 'user_message').length;
  const sent = of('response_item').filter(
    (payload) =>
      payload.role === 'user' &&
      payload.content!.some((part) => !/^(<|# AGENTS)/.test(part.text ?? '')),
  ).length;
  const calls = of('response_item').filter((payload) => /_call$/.test(payload.type ?? ''));
  const counters = of('event_msg').flatMap((payload) => payload.info?.total_token_usage ?? []);
  const last = counters.at(-1);
  return {
    prompts: typed > 0 ? typed : sent,
    tools: new Set(calls.map((payload) => `${payload.call_id} ${payload.name}`)).size,
    input: last?.input_tokens ?? 0,
    output: last?.output_tokens ?? 0,
    cacheRead: last?.cached_input_tokens ?? 0,
  };
}

describe.skipIf(samples === undefined)('published recordings (AGENT_STRACE_SAMPLES)', () => {
  const folder = join(samples ?? '', 'codex');
  test.each(samples === undefined ? [] : readdirSync(folder))(
    '%s agrees with a naive counter',
    (name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const reading = readText(codex, text, { path: join(folder, name) });
      expectWellFormed(reading.events);
      expect(reading.shapes).toEqual([]);
      expect(countsOf(operationsOf(reading.events))).toMatchObject(naive(text));
    },
  );
});

test('three hundred damaged rollouts: nothing throws', () => {
  const fixture = new URL(
    '../../fixtures/codex/rollout-2026-09-14T10-00-00-0199f000-0000-7000-8000-00000000c0de.jsonl',
    import.meta.url,
  );
  let read = 0;
  for (const mutant of mutants(readFileSync(fixture, 'utf8'), 300, 20261)) {
    if (readDamaged(codex, mutant, '/x/rollout-1.jsonl') !== null) read++;
  }
  expect(read).toBeGreaterThan(250);
});
