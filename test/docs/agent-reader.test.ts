import { describe, expect, it } from 'vitest';
import { scribe } from '../../examples/agent-reader/scribe.ts';
import { operationsOf, readText } from '../agents/reading.ts';
import { expectSection, readPage } from './pages.ts';

const PAGE = 'docs/writing-an-agent-reader.md';
const recording = readPage('examples/agent-reader/recording.jsonl');

describe('the example of an agent reader', () => {
  it('reads its recording into nested, complete operations', () => {
    const { events, verdicts, broken } = readText(scribe, recording);
    const operations = operationsOf(events);
    const turn = operations.find(({ kind }) => kind === 'turn');
    expect(turn).toMatchObject({ outcome: 'completed', unfinished: false });
    expect(operations.find(({ kind }) => kind === 'tool_call')).toMatchObject({
      parentId: turn?.id,
      name: 'shell',
      outcome: 'error',
      exitCode: 22,
      endMicros: Date.parse('2026-05-04T08:00:02.900Z') * 1000,
    });
    expect(operations.find(({ kind }) => kind === 'llm_call')).toMatchObject({
      parentId: turn?.id,
      responseModel: 'gpt-5.2',
      startMicros: Date.parse('2026-05-04T08:00:00.100Z') * 1000,
      usage: { input: 1840, output: 64, cacheRead: 1500 },
    });
    expect(broken).toBe(0);
    expect(verdicts.filter((verdict) => verdict === 'unknown')).toHaveLength(1);
  });

  it('goes on where a former reading stopped', () => {
    const whole = readText(scribe, recording).events;
    for (let at = 1; at < 7; at++) {
      expect(readText(scribe, recording, { breaks: [at] }).events).toEqual(whole);
    }
  });

  it('takes no file of somebody else, and any JSON', () => {
    const sample = (text: string) => ({
      path: 'x.jsonl',
      size: text.length,
      head: Buffer.from(text),
    });
    expect(scribe.detect(sample('{"type":"user","uuid":"1"}\n'))).toBeNull();
    expect(scribe.detect(sample('not json'))).toBeNull();
    const reader = scribe.openLines!({
      path: 'x.jsonl',
      detection: scribe.detect(sample(recording))!,
      sidecars: { read: () => undefined, list: () => [] },
      state: undefined,
      nameOf: (text) => text,
    });
    for (const value of [
      null,
      7,
      'x',
      [],
      {},
      { run: 'r', at: '2026-05-04T08:00:00Z', type: '__proto__' },
    ]) {
      const { verdict, events } = reader.read(value, JSON.stringify(value), 1);
      expect([verdict, ...events.map(({ kind }) => kind)]).toEqual(['unknown', 'notice']);
    }
  });

  it('is what the guide shows', () => {
    const source = readPage('examples/agent-reader/scribe.ts').trimEnd();
    expectSection(PAGE, 'example', `\`\`\`ts\n${source}\n\`\`\``);
    expectSection(PAGE, 'recording', `\`\`\`json\n${recording.trimEnd()}\n\`\`\``);
  });
});
