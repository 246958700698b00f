import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-store.ts';
import { importing } from './importing.ts';

it('a session whose name is no Unicode is one session under one name', () => {
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
