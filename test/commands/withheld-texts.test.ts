import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ContentDraft, EventDraft } from '../../src/session/event.ts';
import { LONG_AGO, record, sessionFacts } from '../delivery/recorded-sessions.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const SESSION = 'ca4a0000-0000-4000-8000-000000000002';

/** Every place of a recording that holds what people or models wrote. */
const PLACES = [
  'title',
  'prompt',
  'input',
  'output',
  'description',
  'failure',
  'call',
  'agent',
  'task',
  'permission',
  'choice',
  'alternative',
  'why',
  'answer',
  'search',
  'notice',
] as const;

const word = (place: (typeof PLACES)[number]) => `xylograph-${place}`;
const MARKED = /xylograph-\w+/g;

function content(name: ContentDraft['name'], text: string): ContentDraft {
  return { name, text, media: 'text/plain' };
}

function planted(): string {
  const db = join(temporaryFolder(), 'store.db');
  let count = 0;
  const more = (
    kind: EventDraft['kind'],
    facts: EventDraft['facts'],
    ...contents: ContentDraft[]
  ): EventDraft => ({
    session: SESSION,
    capture: 'transcript',
    timeBasis: 'recorded',
    kind,
    eventId: `more/${++count}`,
    operationKey: `more:${count}`,
    parentKey: 'turn',
    atMicros: LONG_AGO + 500_000,
    facts,
    contents,
  });
  record(
    db,
    ...sessionFacts({
      id: SESSION,
      prompt: word('prompt'),
      facts: { title: word('title') },
      calls: [
        { input: `{"command":"${word('input')}"}`, output: word('output') },
        {
          facts: { description: word('description'), error_message: word('failure') },
          error: word('failure'),
        },
      ],
    }),
    more(
      'subagent_start',
      { agent_id: 'a1', description: word('agent') },
      content('input', word('task')),
    ),
    more('permission', { decision: 'deny', source: 'classifier', reason: word('permission') }),
    more(
      'decision',
      { choice: word('choice'), alternatives: [word('alternative'), 'another'] },
      content('text', word('why')),
    ),
    more('llm_response', {
      response_model: 'm-1',
      error_type: 'overloaded',
      error_message: word('call'),
    }),
    more('response', {}, content('text', word('answer'))),
    more('retrieval', { error_type: 'gone', error_message: word('search') }),
    more('notice', { name: 'remark', level: 'info' }, content('text', word('notice'))),
  );
  return db;
}

/** Tells all that it is given. */
const TELLING_MAPPER = `export default {
  name: 'telling', summary: 'everything', contentDefault: 'none',
  spanKinds: new Set(['turn', 'llm_call', 'tool_call', 'subagent', 'prompt', 'response', 'permission', 'decision', 'retrieval', 'notice']),
  operation: (operation) => ({ type: 'span', name: operation.kind, kind: 0, attributes: { all: JSON.stringify(operation) } }),
  root: (head, totals) => ({ type: 'span', name: 'root', kind: 0, attributes: { all: JSON.stringify({ head, totals }) } }),
};`;

const MAPPER = 'telling.mjs';

/** Runs the program in a folder of its own, where the mapper lies. */
function run(args: readonly string[], db: string) {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, MAPPER), TELLING_MAPPER);
  return runCli([...args, '--quiet', '--db', db], { cwd });
}

const SURFACES: readonly (readonly string[])[] = [
  ['show'],
  ['show', '--expand'],
  ['show', '--json'],
  ['view', '--output', '-'],
  ['export', '--format', 'otlp'],
  ['export', '--format', 'otlp-genai'],
  ['export', '--format', 'langfuse'],
  ['export', '--mapper', MAPPER],
  ['export', '--metrics'],
];

it.each(SURFACES)('%s %s %s contains no recorded text under none', async (name, ...flags) => {
  const args = [String(name), SESSION, ...flags, '--content', 'none'];
  const shown = await run(args, planted());
  expect(shown).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/./) });
  expect(shown.stdout.match(MARKED)).toBeNull();
});

it.each([
  ['show', ['--json']],
  ['export', ['--mapper', MAPPER]],
])('%s %s tells each of them where content is told', async (name, flags) => {
  const shown = await run([name, SESSION, ...flags, '--content', 'redacted'], planted());
  expect(new Set(shown.stdout.match(MARKED))).toEqual(new Set(PLACES.map(word)));
});

it('a list shows the title, no matter who counted the session first', async () => {
  const db = planted();
  await run(['show', SESSION, '--json', '--content', 'none'], db);
  const listed = await run(['list', '--json'], db);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ title: word('title') }]);
});
