import { expect, test } from 'vitest';
import { ofKind, operationsOf, textIn } from '../reading.ts';
import { event, item, meta, part, read } from './rollout-lines.ts';

const model = (second: number, text: string) =>
  part(second, 'message', { role: 'assistant', content: [{ type: 'output_text', text }] });
const answers = (lines: readonly object[]) =>
  textIn(read([meta(), event(1, 'task_started', { turn_id: 't1' }), ...lines]).events, 'response');

const legacy = (second: number, text: string) => event(second, 'agent_message', { message: text });
const paginated = (second: number, text: string) =>
  item(second, { type: 'AgentMessage', id: `m${second}`, content: [{ type: 'Text', text }] });
const plan = (second: number, text: string) => item(second, { type: 'Plan', id: 't1-plan', text });

const CITED =
  'Three geese.\n<oai-mem-citation>\n<citation_entries>\nMEMORY.md:1-2\n</citation_entries>\n</oai-mem-citation>';
const PLANNED = 'This way:\n<proposed_plan>\n# Count\n- geese\n</proposed_plan>\nAgreed?';
const ONLY = '<proposed_plan>\n# Then\n- ducks\n</proposed_plan>\n';

test.each([
  ['legacy', legacy],
  ['paginated', paginated],
])('%s: an answer with citations or a plan is one answer, and the plan another', (_mode, shown) => {
  expect(
    answers([
      shown(2, 'Three geese.\n'),
      model(2, CITED),
      shown(3, 'This way:\nAgreed?'),
      plan(3, '# Count\n- geese\n'),
      model(3, PLANNED),
      plan(4, '# Then\n- ducks\n'),
      model(4, ONLY),
    ]),
  ).toEqual(['Three geese.\n', 'This way:\nAgreed?', '# Count\n- geese\n', '# Then\n- ducks\n']);
});

test('where only the model’s record is there, nothing of it is lost', () => {
  expect(answers([model(2, CITED), model(3, PLANNED), model(4, 'Left <citation>open')])).toEqual([
    CITED,
    PLANNED,
    'Left <citation>open',
  ]);
});

test('a turn whose end is not recorded is over with the count of an answer that asked for no tool', () => {
  const outcomes = (...lines: object[]) =>
    ofKind(operationsOf(read([meta(), ...lines]).events), 'turn').map(({ outcome }) => outcome);
  const prompt = (second: number) => event(second, 'user_message', { message: 'Count' });
  const usage = { input_tokens: 9, output_tokens: 2 };
  const count = (second: number) =>
    event(second, 'token_count', { info: { last_token_usage: usage } });
  const call = part(8, 'function_call', { name: 'shell', arguments: '{}', call_id: 'c1' });
  const answered = [prompt(1), legacy(3, 'Three'), count(4)];
  expect(outcomes(...answered)).toEqual(['completed']);
  expect(outcomes(...answered, prompt(6), legacy(7, 'I look'), call, count(9))).toEqual([
    'completed',
    'unknown',
  ]);
  // Versions of 2025 write what the model thought behind the count.
  const thought = { summary: [], content: [{ type: 'reasoning_text', text: 'Three geese.' }] };
  expect(outcomes(...answered, part(4.1, 'reasoning', thought), model(4.1, 'Three'))).toEqual([
    'completed',
  ]);
  const script = { name: 'exec', input: 'await tools.exec_command()', call_id: 'x1' };
  const runs = part(3, 'custom_tool_call', script);
  expect(outcomes(prompt(1), legacy(2, 'I look'), runs, count(4))).toEqual(['unknown']);
});
