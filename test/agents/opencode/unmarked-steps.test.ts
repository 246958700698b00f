import { expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { countsOf, ofKind, operationsOf, readText } from '../reading.ts';

const T = 1_750_000_000_000;
const PATH = '/data/opencode/project/home-ada-buoys/storage/session/message/ses_1/msg_2.json';
const STEP = { type: 'step-start' };
const call = (step: number, toolCallId: string) => ({
  type: 'tool-invocation',
  toolInvocation: { state: 'result', step, toolCallId, toolName: 'bash', args: {}, result: '7' },
});

function read(parts: object[], more: object = {}) {
  const message = {
    id: 'msg_2',
    role: 'assistant',
    parts,
    metadata: {
      sessionID: 'ses_1',
      time: { created: T, completed: T + 90 },
      tool: { c1: { title: 'Count', time: { start: T + 20, end: T + 30 } } },
      assistant: {
        modelID: 'm',
        providerID: 'p',
        path: { cwd: '/home/ada/buoys', root: '/' },
        cost: 0.5,
        tokens: { input: 10, output: 5, reasoning: 0, cache: { read: 2, write: 3 } },
      },
      ...more,
    },
  };
  return operationsOf(readText(opencode, JSON.stringify(message), { path: PATH }).events, 'ses_1');
}

test('steps whose ends were not written down are calls of their own; the last one’s tokens are told', () => {
  const operations = read([STEP, call(0, 'c1'), STEP, { type: 'text', text: 'Seven.' }]);
  const calls = ofKind(operations, 'llm_call');
  expect(calls.map(({ startMicros, endMicros }) => [startMicros, endMicros])).toEqual([
    [T * 1000, (T + 30) * 1000],
    [(T + 30) * 1000, (T + 90) * 1000],
  ]);
  expect(calls.map(({ usage }) => usage?.input)).toEqual([undefined, 15]);
  expect(calls.map(({ cost }) => cost?.usd)).toEqual([undefined, 0.5]);
  expect(countsOf(operations)).toMatchObject({ tools: 1, responses: 1, input: 15, output: 5 });
});

test.each([
  ['began twice and gave something once', [STEP, STEP, { type: 'text', text: 'Seven.' }], {}],
  [
    'was broken off',
    [STEP, call(0, 'c1'), STEP],
    { error: { name: 'MessageAbortedError', data: {} } },
  ],
])('an answer that %s is one call', (_name, parts, more) => {
  expect(ofKind(read(parts, more), 'llm_call')).toHaveLength(1);
});

test('what a tool had put out when it was interrupted is what the model was given', () => {
  const message = {
    info: { id: 'msg_2', role: 'assistant', sessionID: 'ses_1', time: { created: T } },
    parts: [
      {
        id: 'prt_1',
        type: 'tool',
        callID: 'c1',
        tool: 'bash',
        state: {
          status: 'error',
          input: { command: 'count buoys' },
          error: 'Tool execution aborted',
          metadata: { interrupted: true, output: 'one, two' },
          time: { start: T + 1, end: T + 9 },
        },
      },
    ],
  };
  const text = JSON.stringify({ info: { id: 'ses_1' }, messages: [message] });
  const { events } = readText(opencode, text, { path: '/x/export.json' });
  const result = events.find(({ kind }) => kind === 'tool_result');
  expect(result?.facts.outcome).toBe('interrupted');
  expect(result?.contents?.map(({ name, text }) => [name, text])).toEqual([
    ['output', 'one, two'],
    ['error', 'Tool execution aborted'],
  ]);
});

test('an answer of one call ends when the answer did; parts with impossible times take the time of their message', () => {
  const said = { id: 'p1', type: 'text', text: 'Seven.', time: { start: T + 10, end: T + 50 } };
  // Parts of a copied answer may have kept times from long before it.
  const old = { id: 'p2', type: 'text', text: 'Buoys.', time: { start: 1000, end: 2000 } };
  const state = { status: 'completed', output: '7', metadata: { sessionId: 'ses_1' } };
  const call = {
    id: 'p5',
    type: 'tool',
    callID: 'c1',
    tool: 'task',
    state: { ...state, time: { start: 1000, end: 2000 } },
  };
  const retry = (attempt: number) => ({
    id: `r${attempt}`,
    type: 'retry',
    attempt,
    error: { name: 'APIError' },
  });
  const used = { input: 10, output: 5, reasoning: 0, cache: { read: 0, write: 0 } };
  const finish = { id: 'p3', type: 'step-finish', reason: 'stop', tokens: used };
  const time = { created: T, completed: T + 90 };
  const answer = {
    info: { id: 'msg_2', role: 'assistant', sessionID: 'ses_1', time },
    parts: [
      retry(1),
      retry(2),
      said,
      old,
      call,
      finish,
      { id: 'p4', type: 'snapshot', snapshot: 'x' },
    ],
  };
  const text = JSON.stringify({ info: { id: 'ses_1' }, messages: [answer] });
  const operations = operationsOf(readText(opencode, text, { path: '/x/export.json' }).events);
  expect(ofKind(operations, 'llm_call')).toMatchObject([
    { startMicros: T * 1000, endMicros: (T + 90) * 1000, retryCount: 2, usage: { input: 10 } },
  ]);
  const ends = ofKind(operations, 'response').map(({ endMicros }) => endMicros / 1000 - T);
  expect(ends.sort((a, b) => a - b)).toEqual([0, 50]);
  expect(ofKind(operations, 'tool_call')).toMatchObject([
    { startMicros: T * 1000, endMicros: T * 1000 },
  ]);
  // No session is its own subagent.
  expect(ofKind(operations, 'subagent')).toEqual([]);
});
