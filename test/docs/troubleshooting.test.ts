import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ROOT, readPage } from './pages.ts';

/** Everything the program can say, as one text in which words that TypeScript breaks over lines stand together. */
function sources(): string {
  const files = ['src', 'scripts'].flatMap((folder) =>
    (readdirSync(ROOT + folder, { recursive: true }) as string[])
      .filter((name) => /\.(?:ts|mjs)$/.test(name))
      .map((name) => readPage(`${folder}/${name}`)),
  );
  return files.join('\n');
}

it('messages that the troubleshooting page quotes are messages of the program', () => {
  const page = readPage('docs/troubleshooting.md');
  const quoted = [...page.matchAll(/^\*\*(.+?)\*\*/gm)].flatMap(([, heading]) =>
    [...heading!.matchAll(/"([^"]+)"/g)].map((match) => match[1]!),
  );
  expect(quoted.length).toBeGreaterThan(12);
  const said = sources();
  const unknown = quoted.filter((message) =>
    message.split('…').some((part) => part.trim() !== '' && !said.includes(part.trim())),
  );
  expect(unknown).toEqual([]);
});
