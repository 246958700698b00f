import { expect, test } from 'vitest';
import { goose } from '../../../src/agents/goose/goose.ts';
import { countsOf, jsonl, ofKind, operationsOf, readDatabase, readText } from '../reading.ts';
import { ledgerRow, message, newDatabase, session, T, text, usage } from './made-database.ts';

const callsIn = (path: string) =>
  ofKind(operationsOf(readDatabase(goose, path).events), 'llm_call').sort(
    (a, b) => a.startMicros - b.startMicros,
  );

test.each([
  ['authentication', 'The key is not known.'],
  ['creditsExhausted', 'Nothing is left to spend.'],
  ['other', 'Ran into this error: the pond is frozen.'],
])(
  'a request that failed (%s) is a call with an error; the usage is that of the next',
  (kind, words) => {
    const { path, database } = newDatabase();
    const shown = { userVisible: true, agentVisible: false };
    session(database, 's');
    message(database, 's', 'user', 0, [text('Feed the geese.')]);
    message(database, 's', 'assistant', 2, [{ type: 'error', kind, message: words }], shown);
    message(database, 's', 'user', 20, [text('Try again.'), { type: 'document', data: 'QQ==' }]);
    message(database, 's', 'assistant', 22, [text('Fed.')], usage(100, 20));
    ledgerRow(database, 's', 24, [100, 20, 120, null, null]);
    const reading = readDatabase(goose, path);
    expect(reading.shapes).toEqual([]);
    const calls = callsIn(path);
    expect(calls.map((call) => [call.error?.type, call.usage?.input])).toEqual([
      [kind, undefined],
      [undefined, 100],
    ]);
    expect(calls[0]).toMatchObject({ contents: [{ name: 'error', size: words.length }] });
    expect((calls[0]!.endMicros - calls[0]!.startMicros) / 1e6).toBe(2);
    const operations = operationsOf(reading.events);
    const turns = ofKind(operations, 'turn').sort((a, b) => a.startMicros - b.startMicros);
    expect(calls.map(({ parentId }) => parentId)).toEqual(turns.map(({ id }) => id));
    expect(countsOf(operations).responses).toBe(1);
  },
);

test('a request that failed is told in the old files too', () => {
  const line = { role: 'assistant', created: T + 2 };
  const failed = { ...line, content: [{ type: 'error', kind: 'authentication', message: 'No.' }] };
  const asked = { role: 'user', created: T, content: [text('Feed the geese.')] };
  const lines = jsonl([{ working_dir: '/home/ada/pond', description: 'Geese' }, asked, failed]);
  const { events, shapes } = readText(goose, lines, { path: '/home/ada/20260921_133320.jsonl' });
  expect(shapes).toEqual([]);
  expect(ofKind(operationsOf(events), 'llm_call')).toMatchObject([
    { error: { type: 'authentication' } },
  ]);
});

const inference = (provider: string, requestedModel: string, resolvedModel?: string) => ({
  inference: { provider, requestedModel, resolvedModel },
});

/** Two turns of a session that is set to one model; the first of them was answered by another. */
function switched(first: object, second: object): string {
  const { path, database } = newDatabase();
  session(database, 's');
  message(database, 's', 'user', 0, [text('Count the geese.')]);
  message(database, 's', 'assistant', 2, [text('Th')], first);
  message(database, 's', 'assistant', 3, [text('ree.')], { ...first, ...usage(100, 20) });
  ledgerRow(database, 's', 4, [100, 20, 120, null, null]);
  message(database, 's', 'user', 20, [text('And the ducks.')]);
  message(database, 's', 'assistant', 22, [text('Four.')], { ...second, ...usage(200, 30) });
  ledgerRow(database, 's', 24, [200, 30, 230, null, null]);
  database.exec(
    "update usage_ledger set model = 'gpt-5' where id = 1; update usage_ledger set model = 'claude-sonnet-4-5-20250929' where id = 2",
  );
  return path;
}

test('a call has the provider and the models that its message names', () => {
  const named = switched(
    inference('openai', 'gpt-5', 'gpt-5-2026-01-01'),
    inference('anthropic', 'claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'),
  );
  const calls = callsIn(named);
  expect(calls).toHaveLength(2);
  expect(calls[0]).toMatchObject({
    provider: 'openai',
    requestModel: 'gpt-5',
    responseModel: 'gpt-5-2026-01-01',
    temperature: undefined,
    maxTokens: undefined,
  });
  expect(calls[1]).toMatchObject({
    provider: 'anthropic',
    requestModel: 'claude-sonnet-4-5',
    responseModel: 'claude-sonnet-4-5-20250929',
    temperature: '0.5',
    maxTokens: 4096,
  });
});

test('of a call to another model the session’s configuration says nothing', () => {
  const calls = callsIn(switched({}, {}));
  expect(
    calls.map(({ provider, requestModel, maxTokens }) => [provider, requestModel, maxTokens]),
  ).toEqual([
    [undefined, 'gpt-5', undefined],
    ['anthropic', 'claude-sonnet-4-5-20250929', 4096],
  ]);
});

test('the same model from another provider is not the configured one’s', () => {
  const calls = callsIn(switched({}, inference('bedrock', 'claude-sonnet-4-5')));
  expect(calls[1]).toMatchObject({ provider: 'bedrock', temperature: undefined });
});

test('an answer that reached its limit of tokens says so', () => {
  const { path, database } = newDatabase();
  session(database, 's');
  message(database, 's', 'user', 0, [text('Count the geese.')]);
  message(database, 's', 'assistant', 2, [text('One, two, th')]);
  message(database, 's', 'assistant', 3, [], { outputTokenLimitReached: true, ...usage(100, 20) });
  ledgerRow(database, 's', 4, [100, 20, 120, null, null]);
  expect(callsIn(path)).toMatchObject([{ finishReasons: ['length'], usage: { output: 20 } }]);
});
