import { expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { ofKind, operationsOf, readText } from '../reading.ts';

const ROOT = '/data/opencode/storage';
const T = 1_780_000_000_000;

/** Answers that ask for one call each, under these ids, as parts of a tree and as an export. */
function asked(callIds: readonly string[]) {
  const answers = callIds.map((callID, nth) => {
    const at = T + nth * 1000;
    const info = {
      id: `msg_${nth}`,
      sessionID: 'ses_1',
      role: 'assistant',
      parentID: 'msg_0',
      time: { created: at, completed: at + 900 },
    };
    const state = { status: 'completed', output: 'x', time: { start: at + 100, end: at + 200 } };
    const part = { id: `prt_${nth}`, messageID: info.id, sessionID: 'ses_1' };
    return { info, parts: [{ ...part, type: 'tool', callID, tool: 'bash', state }] };
  });
  const files = Object.fromEntries(
    answers.flatMap(({ info, parts }) => [
      [`${ROOT}/message/ses_1/${info.id}.json`, JSON.stringify(info)],
      ...parts.map((part) => [`${ROOT}/part/${info.id}/${part.id}.json`, JSON.stringify(part)]),
    ]),
  );
  return { files, exported: JSON.stringify({ info: { id: 'ses_1' }, messages: answers }) };
}

const callsOf = (events: Parameters<typeof operationsOf>[0]) =>
  ofKind(operationsOf(events), 'tool_call').map(({ id, startMicros, endMicros }) => [
    id,
    startMicros / 1000 - T,
    endMicros / 1000 - T,
  ]);

test.each([
  ['counted anew in every answer', ['call_0', 'call_0', 'call_1', 'call_0'], 4],
  ['counted by tool', ['functions.list_directory:0', 'functions.bash:1', 'functions.bash:1'], 3],
  ['random', ['toolu_01AbCdEfGh', 'toolu_01AbCdEfGi'], 2],
])('calls whose ids are %s are told apart in a tree as in an export', (_name, callIds, count) => {
  const { files, exported } = asked(callIds);
  const expected = callsOf(readText(opencode, exported, { path: '/x/export.json' }).events);
  expect(expected).toHaveLength(count);
  const read = (paths: readonly string[]) =>
    callsOf(
      paths.flatMap(
        (path) => readText(opencode, files[path] ?? '', { path, sidecars: files }).events,
      ),
    ).sort((a, b) => Number(a[1]) - Number(b[1]));
  expect(read(Object.keys(files))).toEqual(expected);
  expect(read(Object.keys(files).toReversed())).toEqual(expected);
});
