import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe('docs/performance.md', () => {
  it('says what the benchmarks wrote down, and they were run in full', () => {
    const page = execFileSync(process.execPath, [file('bench/performance-page.mjs')], {
      encoding: 'utf8',
    });
    expect(readFileSync(file('docs/performance.md'), 'utf8')).toBe(page);
    for (const command of ['bench', 'bench:growth', 'bench:compare'])
      expect(page).toContain(`\`npm run ${command}\``);
  });
});
