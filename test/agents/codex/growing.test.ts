import { expect, test } from 'vitest';
import { codex } from '../../../src/agents/codex/codex.ts';
import { jsonl, ofKind, operationsOf, readText, stored, textIn, unordered } from '../reading.ts';
import { asked, event, gave, meta, part } from './rollout-lines.ts';

const sent = (second: number, ...texts: string[]) =>
  part(second, 'message', {
    role: 'user',
    content: texts.map((text) => ({ type: 'input_text', text })),
  });
const typed = (second: number, message: string) => event(second, 'user_message', { message });
const said = (second: number, message: string) => event(second, 'agent_message', { message });
const answer = (second: number, text: string) =>
  part(second, 'message', { role: 'assistant', content: [{ type: 'output_text', text }] });
const counts = (input: number) => ({ input_tokens: input, output_tokens: input / 10 });
const count = (second: number, total: number) =>
  event(second, 'token_count', { info: { total_token_usage: counts(total) } });
const begun = event(1, 'task_started', { turn_id: 't1' });

const NAMED = [
  meta(),
  begun,
  sent(1.2, 'Look at this', 'and that'),
  typed(1.21, 'Look at thisand that'),
  part(3, 'reasoning', { summary: [] }),
  asked(4, 'c1', 'shell'),
  count(5, 100),
  gave(6, 'c1', 'ok'),
  sent(6.5, 'Hurry'),
  typed(6.51, 'Hurry'),
  said(8, 'Geese'),
  answer(8.01, 'Geese'),
  asked(9, 'c2', 'shell'),
  gave(9.5, 'c2', 'ok'),
  said(11, 'Done'),
];
const UNNAMED = [
  meta(),
  sent(1.2, 'Count the geese'),
  typed(1.3, 'Count the geese'),
  count(3, 100),
  asked(5, 'c1', 'shell'),
  gave(5, 'c1', 'ok'),
  asked(5, 'c2', 'shell'),
  gave(5, 'c2', 'ok'),
  said(7, 'Three'),
  count(7.1, 300),
  answer(7.2, 'Three'),
  sent(9, 'And the ducks?'),
  typed(9.1, '# Context\n\n## My request for Codex:\nAnd the ducks?'),
  said(11, 'None'),
];
const UNTYPED = [
  meta(),
  sent(1, 'Count the geese'),
  answer(3, 'Three'),
  sent(5, 'And?'),
  answer(6, 'Ok'),
];

test.each([
  ['with turn ids', NAMED],
  ['without turn ids', UNNAMED],
  ['without typed prompts', UNTYPED],
])(
  'a recording %s that is read after each of its lines gives what it gives whole',
  (_what, lines) => {
    for (let length = 1; length <= lines.length; length++) {
      const text = jsonl(lines.slice(0, length));
      const breaks = Array.from({ length: length - 1 }, (_, place) => place + 1);
      const whole = operationsOf(readText(codex, text).events);
      const grown = operationsOf(readText(codex, text, { breaks }).events);
      expect(unordered(grown), `the first ${length} lines`).toEqual(unordered(whole));
    }
  },
);

test('of a prompt that was read before its typed record came, the typed words hold', () => {
  const words = (breaks: readonly number[]) => {
    const { events } = readText(codex, jsonl(NAMED.slice(0, 5)), { breaks });
    const [prompt] = ofKind(operationsOf(events), 'prompt');
    return [prompt!.startMicros, textIn(stored(events), 'prompt').at(-1)];
  };
  const atOnce = [Date.parse('2026-09-20T12:00:01.200Z') * 1000, 'Look at thisand that'];
  expect(words([])).toEqual(atOnce);
  expect(words([3])).toEqual(atOnce);
});

test('what the model was sent long before the typed record is not when it was typed', () => {
  const lines = [
    meta(),
    begun,
    sent(1, '<house_rules>\nNo ducks\n</house_rules>'),
    typed(30, 'Go'),
  ];
  const { events } = readText(codex, jsonl(lines));
  expect(textIn(events, 'prompt')).toEqual(['Go']);
  const [prompt] = ofKind(operationsOf(events), 'prompt');
  expect(prompt!.startMicros).toBe(Date.parse('2026-09-20T12:00:30.000Z') * 1000);
});
