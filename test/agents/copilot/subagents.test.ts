import { expect, test } from 'vitest';
import { copilot } from '../../../src/agents/copilot/copilot.ts';
import { jsonl, ofKind, operationsOf, readText } from '../reading.ts';

const PATH = '/copilot/5a6b7c8d-0000-4000-8000-000000000003/events.jsonl';
const event = (second: number, type: string, data: object, agentId?: string) => ({
  type,
  id: `e${second}${agentId ?? ''}`,
  timestamp: `2026-09-01T09:00:${String(second).padStart(2, '0')}.000Z`,
  data,
  ...(agentId === undefined ? {} : { agentId }),
});
const answer = (second: number, messageId: string, calls: readonly string[], agentId?: string) =>
  event(
    second,
    'assistant.message',
    {
      messageId,
      model: 'a-model',
      content: 'So.',
      outputTokens: 3,
      toolRequests: calls.map((toolCallId) => ({ toolCallId, name: 'look', arguments: {} })),
    },
    agentId,
  );
const began = (second: number, toolCallId: string, agentId?: string) =>
  event(second, 'tool.execution_start', { toolCallId, toolName: 'look' }, agentId);
const ended = (second: number, toolCallId: string, agentId?: string) =>
  event(second, 'tool.execution_complete', { toolCallId, success: true }, agentId);
const prompt = (second: number, content: string, agentId?: string) =>
  event(second, 'user.message', { content, interactionId: 'i1' }, agentId);

test('what two subagents do in the interaction that started them is theirs', () => {
  const agent = (toolCallId: string, agentId: string) => [
    event(3, 'subagent.started', { toolCallId, agentName: 'explore' }, agentId),
    prompt(4, 'Look there', agentId),
    answer(5, `m-${agentId}`, [`t-${agentId}`], agentId),
    began(6, `t-${agentId}`, agentId),
    ended(7, `t-${agentId}`, agentId),
    event(8, 'subagent.completed', { toolCallId }, agentId),
    ended(9, toolCallId),
  ];
  const lines = [
    event(0, 'session.start', { sessionId: 's1', startTime: '2026-09-01T09:00:00.000Z' }),
    prompt(1, 'Look around'),
    answer(2, 'm1', ['c1', 'c2']),
    began(3, 'c1'),
    began(3, 'c2'),
    ...agent('c1', 'a1'),
    ...agent('c2', 'a2'),
    answer(10, 'm2', []),
  ].map((recorded, place) => ({ ...recorded, id: `e${place}` }));
  const operations = operationsOf(readText(copilot, jsonl(lines), { path: PATH }).events);
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const above = (id: string | undefined): string[] => {
    const operation = byId.get(id ?? '');
    if (operation === undefined) return [];
    const { kind, lane, parentId } = operation;
    return [lane === '' ? kind : `${kind} ${lane}`, ...above(parentId)];
  };
  const main = ['turn'];
  const inside = (lane: string) => [`turn ${lane}`, `subagent ${lane}`, 'tool_call', ...main];
  const parents = (kind: 'prompt' | 'llm_call' | 'tool_call') =>
    ofKind(operations, kind).map(({ parentId }) => above(parentId));
  expect(parents('prompt')).toEqual([main, inside('a1'), inside('a2')]);
  expect(parents('llm_call')).toEqual([main, inside('a1'), inside('a2'), main]);
  expect(parents('tool_call')).toEqual([main, main, inside('a1'), inside('a2')]);
});
