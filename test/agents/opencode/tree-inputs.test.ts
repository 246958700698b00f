import { expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { ofKind, operationsOf, readText } from '../reading.ts';
import { tokens } from './new-database.ts';

const ROOT = '/data/opencode/storage';
const T = 1_780_000_000_000;
const info = { id: 'ses_1', projectID: 'prj', time: { created: T, updated: T } };
let places = 0;

function messageOf(role: string, at: number, values: object, ...given: object[]) {
  const id = `msg_${at}`;
  const message = { id, sessionID: 'ses_1', role, time: { created: T + at }, ...values };
  const parts = given.map((part) => ({
    ...{ id: `prt_${String(++places).padStart(3, '0')}`, messageID: id, sessionID: 'ses_1' },
    ...part,
  }));
  return { info: message, parts };
}

const said = (text: string) => ({ type: 'text', text });
const called = (callID: string) => ({
  ...{ type: 'tool', callID, tool: 'bash' },
  state: { status: 'completed', input: { command: 'ls' }, output: callID },
});
const asked = (at: number, text: string) => messageOf('user', at, {}, said(text));
const answered = (at: number, parentID: string, finish: string, ...parts: object[]) =>
  messageOf(
    'assistant',
    at,
    { parentID, finish, tokens: tokens(10, 5), time: { created: T + at, completed: T + at + 5 } },
    ...parts,
  );

const MESSAGES = [
  asked(100, 'How many buoys?'),
  answered(110, 'msg_100', 'tool-calls', called('call_0'), called('call_1')),
  answered(120, 'msg_100', 'tool-calls', said('Once more.'), called('call_0')),
  answered(130, 'msg_100', 'stop', said('Seven.')),
  asked(140, 'And now?'),
  // A command of the user: a call, and no request.
  messageOf('assistant', 150, { parentID: 'msg_140', tokens: tokens(0, 0) }, called('mine')),
  asked(160, 'Well?'),
  answered(170, 'msg_160', 'stop', said('Eight.')),
];

const files: Record<string, string> = { [`${ROOT}/session/prj/ses_1.json`]: JSON.stringify(info) };
for (const { info: message, parts } of MESSAGES) {
  files[`${ROOT}/message/ses_1/${message.id}.json`] = JSON.stringify(message);
  for (const part of parts)
    files[`${ROOT}/part/${message.id}/${part.id}.json`] = JSON.stringify(part);
}

const asksOf = (events: Parameters<typeof operationsOf>[0]) =>
  ofKind(operationsOf(events, 'ses_1'), 'llm_call').map(({ messageRefs }) => messageRefs.inputs);
const readTree = (paths: readonly string[]) =>
  paths.flatMap((path) => readText(opencode, files[path]!, { path, sidecars: files }).events);

test('the calls of a tree know what was asked, as those of an export do, in whatever order it is read', () => {
  const document = JSON.stringify({ info, messages: MESSAGES });
  const exported = asksOf(readText(opencode, document, { path: '/out/export.json' }).events);
  expect(exported.map((parts) => parts?.length)).toEqual([1, 2, 1, 3]);
  const paths = Object.keys(files);
  expect(asksOf(readTree(paths))).toEqual(exported);
  expect(asksOf(readTree(paths.toReversed())).toReversed()).toEqual(exported);
});
