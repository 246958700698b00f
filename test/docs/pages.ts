import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** Root folder of the repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const updating = process.env.UPDATE_DOCS === '1';

/** Text of a file of the repository. */
export function readPage(path: string): string {
  return readFileSync(ROOT + path, 'utf8');
}

/** Paths of every Markdown page that people read: README and its like, docs, decisions and examples. */
export function allPages(): string[] {
  const below = ['docs', 'adr', 'examples'].flatMap((folder) =>
    (readdirSync(ROOT + folder, { recursive: true }) as string[])
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  );
  const top = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'].filter((name) =>
    existsSync(ROOT + name),
  );
  return [...top, ...below.sort()];
}

/** Fails where a generated page is stale; `npm run docs` writes it instead. */
export function expectPage(path: string, wanted: string): void {
  if (updating) writeFileSync(ROOT + path, wanted);
  const actual = existsSync(ROOT + path) ? readPage(path) : '';
  expect(actual, `${path} is stale: npm run docs`).toBe(wanted);
}

/** As {@link expectPage}, for what stands between `<!-- name:begin -->` and `<!-- name:end -->`. */
export function expectSection(path: string, name: string, wanted: string): void {
  const page = readPage(path);
  const begin = `<!-- ${name}:begin -->\n`;
  const end = `<!-- ${name}:end -->`;
  const from = page.indexOf(begin) + begin.length;
  const to = page.indexOf(end);
  expect(page.includes(begin) && to >= from, `${path} needs the marks of "${name}"`).toBe(true);
  expectPage(path, `${page.slice(0, from)}${wanted.trimEnd()}\n${page.slice(to)}`);
}
