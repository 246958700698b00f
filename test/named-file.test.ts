import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-store.ts';

describe('a file that was named by mistake and is too large to hold', () => {
  const large = (mebibytes: number) => {
    const path = join(temporaryFolder(), `${mebibytes}.json`);
    writeFileSync(path, '');
    truncateSync(path, mebibytes * 2 ** 20);
    return path;
  };

  it.each([
    ['as rules', 9, (file: string) => ['redact', 'x.txt', '--redact-rules', file], 8],
    ['as a baseline', 65, (file: string) => ['baseline', 'show', '--baseline', file], 64],
    ['as a text', 257, (file: string) => ['redact', file], 256],
  ] as const)('is refused by its size: %s', async (_name, size, args, most) => {
    const file = large(size);
    const { code, stderr } = await runCli(args(file));
    expect([code, stderr]).toEqual([2, expect.stringContaining(file)]);
    expect(stderr).toContain(`it is larger than ${most} MiB`);
  });
});
