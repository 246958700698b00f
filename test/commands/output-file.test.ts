import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { record, sessionFacts } from '../delivery/recorded-sessions.ts';
import { runCli } from '../support/cli.ts';
import { runOnFullDisk } from '../support/full-disk.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

const ID = '0b1e0000-0000-4000-8000-000000000007';
/** Files may grow to so many blocks of 512 bytes where a disk is to be full. */
const FULL_AT_BLOCKS = 200;

/** A folder with a store whose session takes far more than a full disk has. */
function place(): { folder: string; db: string } {
  const folder = temporaryFolder();
  const db = join(temporaryFolder(), 'store.db');
  const calls = Array.from({ length: 400 }, (_, n) => ({ output: `${n} ${'x'.repeat(900)}` }));
  record(db, ...sessionFacts({ id: ID, prompt: 'fix it', calls }));
  return { folder, db };
}

const COMMANDS: readonly (readonly string[])[] = [
  ['export', '--all', '--content', 'full'],
  ['export', '--all', '--format', 'eu-ai-act', '--disclose', 'all'],
  ['view', ID, '--no-open', '--content', 'full'],
];
const named = COMMANDS.map((args) => [args.slice(0, 4).join(' '), args] as const);

describe.each(named)('a file that is named with -o (%s)', (_name, command) => {
  it('is unchanged when the disk is full, and no partial file is left', () => {
    const { folder, db } = place();
    const file = join(folder, 'out');
    const args = [...command, '--db', db, '-o'];
    const fresh = runOnFullDisk(FULL_AT_BLOCKS, [...args, join(folder, 'fresh')]);
    expect(fresh.code).toBe(2);
    expect(fresh.stderr).toMatch(/^agent-strace: cannot write .*fresh: [\w ]+\(EFBIG\)\n$/);
    writeFileSync(file, 'of yesterday');
    const link = join(folder, 'link');
    symlinkSync('out', link);
    expect(runOnFullDisk(FULL_AT_BLOCKS, [...args, file]).code).toBe(2);
    expect(runOnFullDisk(FULL_AT_BLOCKS, [...args, link]).code).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe('of yesterday');
    expect(readdirSync(folder).sort()).toEqual(['link', 'out']);
  });

  it('keeps its permissions and its links, and is private when it is new', async () => {
    const { folder, db } = place();
    mkdirSync(join(folder, 'real'));
    const file = join(folder, 'real', 'out');
    writeFileSync(file, 'of yesterday');
    chmodSync(file, 0o640);
    const owner = process.getuid?.() === 0 ? 12_345 : statSync(file).uid;
    chownSync(file, owner, statSync(file).gid);
    symlinkSync(join('real', 'out'), join(folder, 'link'));
    symlinkSync(join('real', 'later'), join(folder, 'early'));
    const write = (name: string) => runCli([...command, '--db', db, '-o', join(folder, name)]);
    expect((await write('link')).code).toBe(0);
    expect((await write('early')).code).toBe(0);
    expect((await write('fresh')).code).toBe(0);
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, 'utf8').length).toBeGreaterThan(100_000);
    expect(statSync(file)).toMatchObject({ mode: 0o100640, uid: owner });
    expect(statSync(join(folder, 'real', 'later')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'fresh')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(['early', 'fresh', 'link', 'real']);
    expect(readdirSync(join(folder, 'real')).sort()).toEqual(['later', 'out']);
  });

  it('does not follow a link in the place where it is written', async () => {
    const { folder, db } = place();
    writeFileSync(join(folder, 'other'), 'of somebody else');
    symlinkSync('other', join(folder, 'out.unfinished'));
    const { code } = await runCli([...command, '--db', db, '-o', join(folder, 'out')]);
    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('of somebody else');
    expect(lstatSync(join(folder, 'out')).isFile()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['other', 'out']);
  });

  it('may be a pipe, whose reader may leave', async () => {
    const { folder, db } = place();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const args = [...command, '--db', db, '-o', pipe];
    const whole = spawn('cat', [pipe]);
    let read = 0;
    whole.stdout.on('data', (chunk: Buffer) => {
      read += chunk.length;
    });
    const ended = new Promise((resolve) => whole.on('close', resolve));
    expect((await runCli(args)).code).toBe(0);
    await ended;
    expect(read).toBeGreaterThan(100_000);
    spawn('head', ['-c', '10', pipe]);
    expect(await runCli(args)).toMatchObject({ code: 0, stderr: '' });
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect(readdirSync(folder)).toEqual(['pipe']);
  });
});

describe('a file that nobody means to overwrite', () => {
  it('is left as it was: the store, another database, a private key', async () => {
    const { folder, db } = place();
    const key = join(folder, 'keys', 'key');
    const made = await runCli(['keys', 'generate', '--key-file', key, '--db', db]);
    expect(made.code, made.stderr).toBe(0);
    for (const precious of [db, key]) {
      const beginning = () => readFileSync(precious).toString('latin1', 0, 300);
      const before = beginning();
      for (const command of COMMANDS) {
        const { code, stderr } = await runCli([...command, '--db', db, '-o', precious]);
        expect(code, command.join(' ')).toBe(2);
        expect(stderr).toContain(`${precious} is a `);
      }
      const package_ = ['export', '--all', '--format', 'eu-ai-act', '--db', db];
      const output = join(folder, 'package.json');
      for (const checkpoint of [precious, output, `${folder}/./package.json`, '-']) {
        const result = await runCli([...package_, '-o', output, '--checkpoint', checkpoint]);
        expect(result.code, checkpoint).toBe(2);
        expect(existsSync(output)).toBe(false);
      }
      // The store itself is written to by what makes a package.
      expect(beginning().slice(0, 16)).toBe(before.slice(0, 16));
      if (precious === key) expect(beginning()).toBe(before);
    }
  });
});
