import { expect, test } from 'vitest';
import { gemini } from '../../../src/agents/gemini/gemini.ts';
import { jsonl, ofKind, operationsOf, readText, stored } from '../reading.ts';

const PATH = '/home/ada/.gemini/tmp/kites/chats/session-2026-05-01T08-00-0a0b0c0d.jsonl';
const META = { sessionId: 's', projectHash: 'p', startTime: '2026-05-01T08:00:00.000Z' };
const START = Date.parse(META.startTime);

const at = (second: number) => new Date(START + second * 1000).toISOString();
const asked = (turn: number) => ({
  id: `u${turn}`,
  timestamp: at(turn * 10),
  type: 'user',
  content: `Question ${turn}`,
});
const answered = (turn: number) => ({
  id: `g${turn}`,
  timestamp: at(turn * 10 + 5),
  type: 'gemini',
  content: `Answer ${turn}`,
  thoughts: [{ subject: 'Thought', description: `${turn}`, timestamp: at(turn * 10 + 4) }],
  tokens: { input: 10, output: 1 },
});
const turns = (count: number) =>
  Array.from({ length: count }, (_, turn) => [asked(turn), answered(turn)]).flat();

/** More messages than are held with their places. */
const TURNS = 1200;
const history = turns(TURNS);
const replaced = { $set: { messages: history } };
const more = [answered(TURNS), asked(TURNS + 1), answered(TURNS + 1)];
const read = (lines: readonly unknown[], ...breaks: number[]) =>
  readText(gemini, jsonl([META, ...lines]), { path: PATH, breaks });

test('a long list of messages that replaces itself states nothing anew', () => {
  const without = read([...history, ...more]);
  for (const breaks of [[], [history.length - 1, history.length + 2]]) {
    const reading = read([...history, replaced, replaced, ...more], ...breaks);
    expect(reading.shapes).toEqual([]);
    const known = new Set(stored(without.events).map(({ eventId }) => eventId));
    expect(stored(reading.events).filter(({ eventId }) => !known.has(eventId))).toEqual([]);
    const operations = operationsOf(reading.events);
    const turnOf = new Map(ofKind(operations, 'turn').map(({ id, index }) => [id, index]));
    const last = ofKind(operations, 'llm_call').sort((a, b) => a.startMicros - b.startMicros);
    expect(last.slice(-2).map(({ parentId }) => turnOf.get(parentId ?? ''))).toEqual([
      TURNS,
      TURNS + 1,
    ]);
  }
});

test('what is remembered of a very long log stays small', () => {
  const { state } = read(turns(15_000));
  expect(state.length).toBeLessThan(1_000_000);
});

test('a list that replaces all messages gives the model nothing a second time', () => {
  const called = (turn: number) => ({
    ...answered(turn),
    toolCalls: [{ id: `c${turn}`, name: 'read_file', args: {}, status: 'success' }],
  });
  const messages = [asked(1), called(1), called(2)];
  for (const breaks of [[], [3, 4]]) {
    const reading = read([...messages, { $set: { messages } }, answered(3)], ...breaks);
    const operations = operationsOf(reading.events);
    const kinds = new Map(operations.map(({ id, kind }) => [id, kind]));
    const inputs = ofKind(operations, 'llm_call').map(({ messageRefs }) =>
      messageRefs.inputs.map(({ operationId }) => kinds.get(operationId)),
    );
    expect(inputs).toEqual([['prompt'], ['tool_call'], ['tool_call']]);
  }
});
