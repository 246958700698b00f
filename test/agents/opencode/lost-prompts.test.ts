import { expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { ofKind, operationsOf, readText } from '../reading.ts';
import { tokens } from './new-database.ts';

const ROOT = '/data/opencode/storage';
const T = 1_780_000_000_000;
const answer = (nth: number, finish: string) => ({
  id: `msg_${nth}`,
  sessionID: 'ses_1',
  role: 'assistant',
  parentID: 'msg_0',
  time: { created: T + nth * 1000, completed: T + nth * 1000 + 900 },
  finish,
  tokens: tokens(10, nth),
});
const ANSWERS = [answer(1, 'tool-calls'), answer(2, 'stop')];
const PROMPT = { id: 'msg_0', sessionID: 'ses_1', role: 'user', time: { created: T } };

function ofExport(messages: readonly object[]) {
  const exported = { info: { id: 'ses_1' }, messages: messages.map((info) => ({ info })) };
  return readText(opencode, JSON.stringify(exported), { path: '/x/export.json' }).events;
}

function ofTree(messages: readonly { id: string }[]) {
  const files = Object.fromEntries(
    messages.map((info) => [`${ROOT}/message/ses_1/${info.id}.json`, JSON.stringify(info)]),
  );
  return Object.entries(files).flatMap(
    ([path, text]) => readText(opencode, text, { path, sidecars: files }).events,
  );
}

test.each([
  ['an export', ofExport],
  ['a tree', ofTree],
])('a turn whose prompt is not there begins with its first answer, in %s', (_name, read) => {
  const turns = (messages: readonly { id: string }[]) =>
    ofKind(operationsOf(read(messages)), 'turn').map(({ startMicros, endMicros, startBasis }) => [
      startMicros / 1000 - T,
      endMicros / 1000 - T,
      startBasis,
    ]);
  expect(turns(ANSWERS)).toEqual([[1000, 2900, 'inferred']]);
  expect(turns([PROMPT, ...ANSWERS])).toEqual([[0, 2900, 'recorded']]);
});
