import { expect, test } from 'vitest';
import { gemini } from '../../../src/agents/gemini/gemini.ts';
import { countsOf, jsonl, ofKind, operationsOf, readText, stored, textIn } from '../reading.ts';

const META = { sessionId: 's', projectHash: 'p', startTime: '2026-09-01T10:00:00.000Z' };
const at = (second: number) => `2026-09-01T10:00:${String(second).padStart(2, '0')}.000Z`;
const user = (id: string, second: number, text: string) => ({
  id,
  timestamp: at(second),
  type: 'user',
  content: [{ text }],
});
const answer = (id: string, second: number, text: string) => ({
  id,
  timestamp: at(second),
  type: 'gemini',
  content: text,
  thoughts: [],
  tokens: { input: 10, output: 2, cached: 0, thoughts: 0, tool: 0, total: 12 },
  model: 'gemini-3-pro',
});

const read = (...lines: object[]) => readText(gemini, jsonl([META, ...lines]));

test('what the program adds in the user’s name is no prompt', () => {
  const reading = read(
    { $set: { messages: [user('env', 0, '<session_context>\nA Tuesday.\n</session_context>')] } },
    user('hook', 1, '<hook_context>be kind</hook_context>'),
    user('ide', 2, "Here is the user's editor context as a JSON object.\n```json\n{}\n```"),
    user('ide2', 3, "Here is a summary of changes in the user's editor context."),
    user('u1', 4, '<hook_context>be kind</hook_context>\n\nWhich kite?'),
    answer('g1', 6, 'The red one'),
  );
  expect(reading.shapes).toEqual([]);
  const operations = operationsOf(reading.events);
  expect(countsOf(operations)).toMatchObject({ prompts: 1, responses: 1, input: 10 });
  expect(ofKind(operations, 'turn')).toHaveLength(1);
  expect(textIn(stored(reading.events), 'prompt')).toEqual([
    '<hook_context>be kind</hook_context>\n\nWhich kite?',
  ]);
});

test.each([
  '<state_snapshot>short</state_snapshot>',
  '<scratchpad>notes</scratchpad>\n<state_snapshot>short</state_snapshot>',
  '```xml\n<state_snapshot>short</state_snapshot>\n```',
])('a summary is a compaction whatever stands before it: %j', (summary) => {
  const operations = operationsOf(read({ $set: { messages: [user('c', 3, summary)] } }).events);
  expect(ofKind(operations, 'compaction')).toHaveLength(1);
  expect(countsOf(operations).prompts).toBe(0);
});

test('a fenced text that speaks of summaries is a prompt', () => {
  const typed = '```md\nRead this.\n```\nWhat does <state_snapshot> mean?';
  const reading = read(user('u', 1, typed), answer('g', 2, 'A tag.'));
  expect(textIn(stored(reading.events), 'prompt')).toEqual([typed]);
});

test('what the program asks the model to go on with is marked', () => {
  const { events } = read(
    user('u1', 1, 'Which kite?'),
    answer('g1', 2, ''),
    user('u2', 3, 'System: Please continue.'),
    answer('g2', 4, 'The red one'),
  );
  const origins = ofKind(operationsOf(events), 'prompt').map(({ origin }) => origin);
  expect(origins).toEqual([undefined, 'agent']);
});

test('what the program says in the model’s name is no answer and no call', () => {
  const said = { id: 'm', timestamp: at(4), type: 'gemini' };
  const operations = operationsOf(
    read(
      user('u', 1, 'Which kite?'),
      answer('g1', 2, 'Got it. Thanks for the additional context!'),
      {
        ...said,
        content: [{ text: 'Binary content received. Proceeding with analysis.', thought: true }],
        thoughts: [],
        tokens: null,
      },
      {
        $set: {
          messages: [
            { ...said, id: 'a', content: [{ text: 'Got it. Thanks for the additional context!' }] },
            {
              ...said,
              id: 'b',
              content: [{ text: '[The previous response was interrupted before it completed.]' }],
            },
          ],
        },
      },
      { ...said, id: 'c', content: 'The red one' },
    ).events,
  );
  expect(ofKind(operations, 'llm_call')).toHaveLength(2);
  expect(countsOf(operations)).toMatchObject({ prompts: 1, responses: 2 });
});

test('thoughts that stand among the parts of an answer are no part of what was said', () => {
  const parts = [{ text: 'Which one flies?', thought: true }, { text: 'The red one' }];
  const { events } = read(user('u1', 4, 'Which kite?'), { ...answer('g1', 6, ''), content: parts });
  expect(textIn(stored(events), 'response')).toEqual(['The red one']);
});
