import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-store.ts';
import { answered, importing, said } from './importing.ts';

it('a session whose name is not valid Unicode is one session under one name', () => {
  const path = join(temporaryFolder(), 'x.jsonl');
  const line = (uuid: string, sessionId: string) =>
    JSON.stringify({
      type: 'user',
      uuid,
      sessionId,
      isSidechain: false,
      timestamp: '2026-09-01T08:00:00Z',
      message: { role: 'user', content: 'hello' },
    });
  writeFileSync(path, `${line('a', 'tide-\ud800')}\n${line('b', 'tide-\ud800')}\n`);
  const { run, sessions } = importing();
  expect(run(path)[0]).toMatchObject({ status: 'read', records: 2, broken: 0 });
  expect(sessions()).toEqual(['tide-\ufffd']);
  writeFileSync(
    path,
    `${line('a', 'tide-\ud800')}\n${line('b', 'tide-\ud800')}\n${line('c', 'tide-\ud800')}\n`,
  );
  expect(run(path)[0]).toMatchObject({ records: 1 });
  expect(sessions()).toEqual(['tide-\ufffd']);
});

it('ids, facts and texts that are not valid Unicode get U+FFFD, once', () => {
  const path = join(temporaryFolder(), 'x.jsonl');
  const lines = [
    said('tide', 'a-\ud800', 'a\udc00b', { cwd: '/srv/\udfff' }),
    answered('tide', 'b', 'c', { requestId: 'r-\ud800' }),
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  const { run, store, count } = importing();
  run(path);
  const texts = store.database
    .prepare("SELECT event_id || ' ' || header || ' ' || coalesce(sealed, '') FROM events")
    .pluck()
    .all() as string[];
  const stored = [
    ...texts,
    ...(store.database.prepare('SELECT bytes FROM contents').pluck().all() as string[]),
    ...(store.database.prepare('SELECT key FROM owned').pluck().all() as string[]),
  ].join('\n');
  for (const text of ['a-\ufffd', '/srv/\ufffd', 'r-\ufffd']) expect(stored).toContain(text);
  expect(stored).toContain('a\ufffdb');
  writeFileSync(path, `${lines.join('\n')}\n${said('tide', 'd', 'e')}\n`);
  run(path);
  expect(count('prompt')).toBe(2);
});
