import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-store.ts';
import { importing, said } from './importing.ts';

/** A session of a gateway that calls the first call of every answer `call_0`. */
function session(name: string, lines: readonly { uuid: string; more: object }[]): string {
  return lines.map(({ uuid, more }) => `${said(name, uuid, '', more)}\n`).join('');
}

function asked(uuid: string, command: string) {
  const content = [{ type: 'tool_use', id: 'call_0', name: 'Bash', input: { command } }];
  const message = { id: `msg-${uuid}`, role: 'assistant', model: 'claude-sonnet-4-5', content };
  return { uuid, more: { type: 'assistant', message } };
}

function answered(uuid: string) {
  const content = [{ type: 'tool_result', tool_use_id: 'call_0', content: 'ok' }];
  return { uuid, more: { message: { role: 'user', content } } };
}

it('distinguishes calls of sessions that count ids alike, and recognises the copies of a fork', () => {
  const folder = temporaryFolder();
  const put = (name: string, lines: readonly { uuid: string; more: object }[]) => {
    const path = join(folder, `${name}.jsonl`);
    writeFileSync(path, session(name, lines));
    return path;
  };
  const own = [asked('a1', 'ls'), answered('a2'), asked('a3', 'pwd')];
  const { run, count } = importing();
  run(put('one', own));
  run(put('two', [asked('b1', 'ls'), answered('b2')]));
  expect([count('tool_call'), count('tool_result')]).toEqual([3, 2]);
  const made = answered('c9');
  expect(run(put('fork', [...own, made]))[0]?.eventsAdded).toBe(0);
  expect([count('tool_call'), count('tool_result')]).toEqual([3, 2]);
});

it('continues counting if a file has grown', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'one.jsonl');
  const lines = [asked('a1', 'ls'), answered('a2'), asked('a3', 'pwd'), answered('a4')];
  const { run, store } = importing();
  for (const length of [2, 3, 4]) {
    writeFileSync(path, session('one', lines.slice(0, length)));
    run(path);
  }
  const operations = store.database
    .prepare("SELECT count(DISTINCT operation) FROM events WHERE kind LIKE 'tool_%'")
    .pluck();
  expect(operations.get()).toBe(2);
  run(path);
  expect(operations.get()).toBe(2);
});
