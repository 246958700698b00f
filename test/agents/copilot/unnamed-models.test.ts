import { expect, test } from 'vitest';
import { copilot } from '../../../src/agents/copilot/copilot.ts';
import { jsonl, ofKind, operationsOf, readText } from '../reading.ts';

const PATH = '/copilot/5a6b7c8d-0000-4000-8000-000000000007/events.jsonl';
const START = Date.parse('2026-03-01T09:00:00.000Z');

/** Versions of early 2026: answers do not name their model, subagents only the call that they run under. */
const LOG = [
  ['session.start', { sessionId: 's1', startTime: '2026-03-01T09:00:00.000Z' }],
  ['user.message', { content: 'Look around', interactionId: 'i1' }],
  ['assistant.turn_start', { turnId: '0' }],
  ['assistant.message', { messageId: 'm1', content: '', toolRequests: [call('c1', 'task')] }],
  ['tool.execution_start', { toolCallId: 'c1', toolName: 'task' }],
  ['subagent.started', { toolCallId: 'c1', agentName: 'explore' }],
  [
    'assistant.message',
    under({ messageId: 'm2', content: '', toolRequests: [call('c2', 'view')] }),
  ],
  ['tool.execution_start', under({ toolCallId: 'c2', toolName: 'view' })],
  ['tool.execution_complete', under({ toolCallId: 'c2', success: true, model: 'small-model' })],
  ['assistant.message', under({ messageId: 'm3', content: 'Seen.' })],
  ['subagent.completed', { toolCallId: 'c1', agentName: 'explore' }],
  ['tool.execution_complete', { toolCallId: 'c1', success: true, model: 'large-model' }],
  ['assistant.turn_start', { turnId: '1' }],
  ['assistant.message', { messageId: 'm4', content: 'All seen.' }],
  ['assistant.turn_end', { turnId: '1' }],
] as const;

function call(toolCallId: string, name: string) {
  return { toolCallId, name, arguments: {} };
}

function under(data: object) {
  return { ...data, parentToolCallId: 'c1' };
}

const lines = LOG.map(([type, data], second) => ({
  type,
  id: `e${String(second).padStart(2, '0')}`,
  timestamp: new Date(START + second * 1000).toISOString(),
  data,
}));

test('an answer has the model that its calls name, and its own time', () => {
  const whole = readText(copilot, jsonl(lines), { path: PATH });
  const calls = ofKind(operationsOf(whole.events), 'llm_call').map((llm) => [
    llm.responseModel,
    llm.startMicros / 1e6 - START / 1000,
    llm.endMicros / 1e6 - START / 1000,
  ]);
  expect(calls.sort((a, b) => Number(a[2]) - Number(b[2]))).toEqual([
    ['large-model', 2, 3],
    // Its subagent was started then, which is all that it was given.
    ['small-model', 5, 6],
    [undefined, 8, 9],
    [undefined, 12, 13],
  ]);
  for (let cut = 1; cut < lines.length; cut++) {
    const parts = readText(copilot, jsonl(lines), { path: PATH, breaks: [cut] });
    expect(parts.events).toEqual(whole.events);
  }
});
