import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allPages, ROOT, readPage } from './pages.ts';

/** Text without code, in which brackets mean something else. */
function prose(text: string): string {
  return text.replace(/^( *)(`{3,})[\s\S]*?^\1\2 *$/gm, '').replace(/`[^`\n]*`/g, 'code');
}

function linksIn(text: string): string[] {
  const markdown = [...prose(text).matchAll(/\]\(([^()\s]+)(?: "[^"]*")?\)/g)].map(
    (match) => match[1]!,
  );
  const images = [...prose(text).matchAll(/<img[^>]+src="([^"]+)"/g)].map((match) => match[1]!);
  return [...markdown, ...images];
}

/** Anchors as the usual renderers make them from headings. */
function anchorsIn(text: string): Set<string> {
  const anchors = new Set<string>();
  const headings = text.replace(/^( *)(`{3,})[\s\S]*?^\1\2 *$/gm, '').matchAll(/^#{1,6} (.+)$/gm);
  for (const [, heading] of headings) {
    const words = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let free = slug;
    for (let n = 1; anchors.has(free); n++) free = `${slug}-${n}`;
    anchors.add(free);
  }
  return anchors;
}

function problemWith(page: string, link: string): string | undefined {
  if (/^(?:https?|mailto):/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (target.startsWith('..')) return 'leaves the repository';
  if (!existsSync(ROOT + target)) return 'is not there';
  if (anchor === undefined) return undefined;
  if (statSync(ROOT + target).isDirectory() || !target.endsWith('.md')) return undefined;
  return anchorsIn(readPage(target)).has(anchor) ? undefined : 'has no such heading';
}

describe('links', () => {
  it.each(allPages())('%s leads somewhere', (page) => {
    const wrong = linksIn(readPage(page)).flatMap((link) => {
      const problem = problemWith(page, link);
      return problem === undefined ? [] : [`${link} ${problem}`];
    });
    expect(wrong).toEqual([]);
  });

  it('every page can be reached from the README or the index', () => {
    const seen = new Set<string>();
    const open = ['README.md'];
    for (let page = open.pop(); page !== undefined; page = open.pop()) {
      if (seen.has(page)) continue;
      seen.add(page);
      for (const link of linksIn(readPage(page))) {
        const target = normalize(join(dirname(page), link.split('#')[0]!)).replace(/\/$/, '');
        if (target.endsWith('.md') && existsSync(ROOT + target)) open.push(target);
        else if (existsSync(`${ROOT}${target}/README.md`)) open.push(`${target}/README.md`);
      }
    }
    expect(allPages().filter((page) => !seen.has(page))).toEqual([]);
  });

  it('are compared with anchors as renderers make them', () => {
    const text = '# A `code` & more\n## Same\n```\n# no\n```\n## Same\n### [Link](x.md), 2';
    expect([...anchorsIn(text)]).toEqual(['a-code--more', 'same', 'same-1', 'link-2']);
  });
});
