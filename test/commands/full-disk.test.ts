import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { runOnFullDisk } from '../support/full-disk.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

describe('on a full disk nothing unfinished is left', () => {
  it('of a key, so that the next one can be made', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'key');
    const args = ['keys', 'generate', '--key-file', file, '--db', join(folder, 'data', 'store.db')];
    const { code, stderr } = runOnFullDisk(0, args);
    const reason = 'it would be larger than a file may be here (EFBIG)';
    expect([code, stderr]).toEqual([2, `agent-strace: cannot write ${file}: ${reason}\n`]);
    expect(readdirSync(folder)).toEqual([]);
    expect((await runCli(args)).code).toBe(0);
  });

  it('of a copy of somebody’s settings', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, '.claude'));
    const settings = join(folder, '.claude', 'settings.json');
    writeFileSync(settings, '{"model":"opus"}');
    const env = { HOME: folder, PATH: process.env['PATH'] };
    const { code, stderr } = runOnFullDisk(0, ['setup', '--agent', 'claude', '--yes'], env);
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be changed \(EFBIG\); nothing was written/);
    expect(readdirSync(join(folder, '.claude'))).toEqual(['settings.json']);
    expect(readFileSync(settings, 'utf8')).toBe('{"model":"opus"}');
  });
});
