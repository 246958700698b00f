import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { answered, said } from '../ingest/importing.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';
import { startWatchIn } from '../support/watch-process.ts';

// By its name the copy comes first.
const ORIGINAL = 'ffffffff-0000-4000-8000-00000000f0f0';
const FORK = '00000000-0000-4000-8000-00000000f0f0';

const OTHER = '11111111-0000-4000-8000-00000000f0f0';

const logOf = (home: string, session: string) =>
  join(home, '.claude/projects/p', `${session}.jsonl`);

/** A session that began some minutes ago, and another that has a copy of its first lines and goes on in its own way. */
function writeBoth(home: string, minutesAgo: number): void {
  const at = (minute: number) => ({
    timestamp: new Date(Date.now() - (minutesAgo - minute) * 60_000).toISOString(),
  });
  const first = [
    said(ORIGINAL, 'u1', 'Count the boats', at(0)),
    answered(ORIGINAL, 'a1', 'Three.', at(0.1)),
  ];
  const more = [said(ORIGINAL, 'u2', 'Again', at(1)), answered(ORIGINAL, 'a2', 'Four.', at(1.1))];
  const copied = first.map((line) => line.replaceAll(ORIGINAL, FORK));
  const now = at(minutesAgo);
  const own = [said(FORK, 'u3', 'And the gulls?', now), answered(FORK, 'a3', 'Nine.', now)];
  mkdirSync(dirname(logOf(home, FORK)), { recursive: true });
  const write = (session: string, lines: readonly string[]) =>
    writeFileSync(logOf(home, session), `${lines.join('\n')}\n`);
  write(ORIGINAL, [...first, ...more]);
  write(FORK, [...copied, ...own]);
}

/** What is in a store of each session but the old one. */
async function listed(home: string, db: string): Promise<unknown[]> {
  const { stdout } = await runCli(['list', '--json', '--db', db], { env: { HOME: home } });
  return (JSON.parse(stdout) as { session_id: string }[])
    .filter(({ session_id: id }) => id !== OTHER)
    .sort((a, b) => (a.session_id < b.session_id ? -1 : 1));
}

it.each([
  ['both are recent', 10, 0],
  ['the original was left for its age', 180, 120],
])(
  'gives copied lines to the session that had them first, as an import does: %s',
  async (_case, minutesAgo, changedAgo) => {
    const home = temporaryFolder();
    writeBoth(home, minutesAgo);
    const age = (session: string, minutes: number) => {
      const changed = new Date(Date.now() - minutes * 60_000);
      utimesSync(logOf(home, session), changed, changed);
      return { timestamp: changed.toISOString() };
    };
    age(ORIGINAL, changedAgo);
    writeFileSync(logOf(home, OTHER), '');
    writeFileSync(logOf(home, OTHER), `${said(OTHER, 'u9', 'Old', age(OTHER, 200))}\n`);
    age(OTHER, 200);
    const [watched, imported] = [join(home, 'watched.db'), join(home, 'imported.db')];
    const watcher = startWatchIn(home, '--all', '--db', watched);
    await watcher.until(/watching/);
    await watcher.stop();
    const sources = openStore({ path: watched, mode: 'read' });
    const paths = sources.database.prepare('SELECT path FROM sources ORDER BY path').pluck().all();
    sources.close();
    expect(paths).toEqual([logOf(home, FORK), logOf(home, ORIGINAL)]);
    const env = { HOME: home };
    expect((await runCli(['import', '--db', imported, '--quiet'], { env })).code).toBe(0);
    const sessions = await listed(home, watched);
    expect(sessions).toHaveLength(2);
    expect(sessions).toEqual(await listed(home, imported));
  },
  60_000,
);
