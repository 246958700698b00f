import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectPage, ROOT, readPage } from './pages.ts';

const HEAD = `# Decisions

What was decided, why, and what it costs. A decision that is replaced keeps its file and names its successor.

| | |
| --- | --- |
`;

const files = readdirSync(`${ROOT}adr`)
  .filter((name) => /^\d{4}-[a-z0-9-]+\.md$/.test(name))
  .sort();

describe('decisions', () => {
  it.each(files)('%s has status, date, context, decision and consequences', (file) => {
    const text = readPage(`adr/${file}`);
    expect(text).toMatch(
      new RegExp(`^# ${Number(file.slice(0, 4))}\\. .+\n\nStatus: \\w.* · \\d{4}-\\d\\d-\\d\\d\n`),
    );
    const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(['Context', 'Decision', 'Consequences']);
  });

  it('are numbered without gaps and listed', () => {
    expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, n) => n + 1));
    const rows = files.map((file) => {
      const title = /^# \d+\. (.+)$/m.exec(readPage(`adr/${file}`))?.[1];
      return `| [${file.slice(0, 4)}](${file}) | ${title} |`;
    });
    expectPage('adr/README.md', `${HEAD}${rows.join('\n')}\n`);
  });
});
