import { expect, test } from 'vitest';
import { opencode } from '../../../src/agents/opencode/opencode.ts';
import { ofKind, operationsOf, readText } from '../reading.ts';
import { tokens } from './new-database.ts';

const ROOT = '/data/opencode/storage';
const T = 1_780_000_000_000;

/** Ids as OpenCode makes them; those of sessions count down. */
const timedId = (kind: 'msg' | 'prt', at: number) =>
  `${kind}_${BigInt.asUintN(48, BigInt(T + at) * 4096n + 1n)
    .toString(16)
    .padStart(12, '0')}AbCdEfGhIjKlMn`;
const SESSIONS = { old: 'ses_3', fork: 'ses_2', again: 'ses_1', lone: 'ses_0' } as const;
type Name = keyof typeof SESSIONS;

const files: Record<string, string> = {};

function put(path: string, document: object): void {
  files[`${ROOT}/${path}`] = JSON.stringify(document);
}

/** An answer of `output` tokens that was given at `at`, written down at `written`. */
function answer(session: Name, at: number, output: number, written = at): void {
  const [sessionID, id] = [SESSIONS[session], timedId('msg', written)];
  const time = { created: T + at, completed: T + at + 5 };
  const more = { parentID: 'msg_0', modelID: 'm', finish: 'stop', tokens: tokens(10, output) };
  put(`message/${sessionID}/${id}.json`, { id, sessionID, role: 'assistant', time, ...more });
  const part = timedId('prt', written);
  const text = { type: 'text', text: `${output} boats` };
  put(`part/${id}/${part}.json`, { id: part, messageID: id, sessionID, ...text });
}

for (const [name, at] of [
  ['old', 0],
  ['fork', 1000],
  ['again', 2000],
  ['lone', 3000],
] as const) {
  const id = SESSIONS[name];
  put(`session/prj/${id}.json`, { id, projectID: 'prj', title: name, time: { created: T + at } });
}
answer('old', 10, 3);
answer('old', 1500, 4);
answer('fork', 10, 3, 1001);
answer('fork', 1600, 5);
answer('again', 10, 3, 2001);
answer('again', 1600, 5, 2002);
answer('again', 2500, 7);
// Its original is gone.
answer('lone', 20, 9, 3001);

test('what a fork copied from a session of the same tree belongs to that session alone', () => {
  for (const paths of [Object.keys(files), Object.keys(files).toReversed()]) {
    const sidecars = { ...files };
    const events = paths.flatMap(
      (path) => readText(opencode, files[path] ?? '', { path, sidecars }).events,
    );
    const operations = (name: Name) => operationsOf(events, SESSIONS[name]);
    const outputs = (name: Name) =>
      ofKind(operations(name), 'llm_call')
        .map(({ usage }) => usage?.output)
        .sort();
    expect([outputs('old'), outputs('fork'), outputs('again'), outputs('lone')]).toEqual([
      [3, 4],
      [5],
      [7],
      [9],
    ]);
    expect(ofKind(operations('fork'), 'response')).toHaveLength(1);
    const parents = (name: Name) =>
      events.find(({ session, kind }) => session === SESSIONS[name] && kind === 'session_start')
        ?.facts.parent_session;
    expect([parents('old'), parents('fork'), parents('again'), parents('lone')]).toEqual([
      undefined,
      'ses_3',
      'ses_2',
      undefined,
    ]);
  }
});
