import { expect, it } from 'vitest';
import { detectTranscript } from '../../../src/agents/claude/detection.ts';

it('recognises a transcript that begins with a queued prompt longer than the sample', () => {
  const line = {
    ...{ type: 'queue-operation', operation: 'enqueue', timestamp: '2026-05-01T10:00:00.000Z' },
    ...{ sessionId: 'piped', content: 'a log '.repeat(50_000) },
  };
  const head = Buffer.from(JSON.stringify(line)).subarray(0, 256 * 1024);
  const sample = { path: '/p/piped.jsonl', size: 400_000, head, changedMicros: 0 };
  expect(detectTranscript(sample)).toMatchObject({ container: 'lines', session: 'piped' });
});
