import { expect, test } from 'vitest';
import { gemini } from '../../../src/agents/gemini/gemini.ts';
import { jsonl, ofKind, operationsOf, readText } from '../reading.ts';

const META = { sessionId: 's', projectHash: 'p', startTime: '2026-09-01T10:00:00.000Z' };

interface Call {
  readonly id: string;
  readonly name: string;
  readonly [member: string]: unknown;
}

const response = ({ id, name }: Call, answer: object) => ({
  functionResponse: { id, name, response: answer },
});

const asking = (...calls: Call[]) => ({
  id: 'g',
  timestamp: '2026-09-01T10:00:03.000Z',
  type: 'gemini',
  content: '',
  model: 'gemini-3-pro',
  toolCalls: calls.map((call) => ({ timestamp: '2026-09-01T10:00:03.000Z', ...call })),
});

const events = (...messages: object[]) => {
  const prompt = { id: 'u', timestamp: '2026-09-01T10:00:00.500Z', type: 'user', content: 'go' };
  return readText(gemini, jsonl([META, prompt, ...messages])).events;
};

const calls = (...messages: object[]) => ofKind(operationsOf(events(...messages)), 'tool_call');

test.each([
  ['cancelled', '[Operation Cancelled] Reason: User did not allow tool call', 'denied'],
  ['cancelled', '[Operation Cancelled] Reason: User denied execution.', 'denied'],
  ['cancelled', '[Operation Cancelled] Reason: User cancelled the operation.', 'interrupted'],
  ['error', 'Tool execution denied by policy. You are in Plan Mode.', 'denied'],
  ['error', 'File not found: denied by policy.txt', 'error'],
])('a call with status %s that says %j is %s', (status, error, outcome) => {
  const call = { id: 'c', name: 'replace', status };
  const [tool] = calls(asking({ ...call, result: [response(call, { error })] }));
  expect(tool).toMatchObject({ outcome });
});
