import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { MAPPERS } from '../src/mappers/registry.ts';
import { checkTrace } from './conformance/conformance.ts';
import { type OtlpDocument, spansOfDocument } from './conformance/trace-under-check.ts';
import { type CliResult, runCli } from './support/cli.ts';
import { FIXTURE_SETS } from './support/fixture-sessions.ts';
import { wellFormedTraces } from './support/well-formed.ts';

const GOLDEN = fileURLToPath(new URL('golden', import.meta.url));
const update = process.env['UPDATE_GOLDEN'] === '1';

/** Salts and the store's key are random: what they make is masked, everything else has to stay as it is. */
function masked(text: string): string {
  return text
    .replace(/"[0-9a-f]{64}"/g, '"<commitment>"')
    .replace(/\[([a-z0-9-]+):[0-9a-f]{8}\]/g, '[$1:<digest>]')
    .replace(/"version":"[^"]*"/, '"version":"<version>"');
}

/** One span a line, so that a change is readable in a review. */
function readable(text: string): string {
  const document = JSON.parse(masked(text)) as {
    resourceSpans: { scopeSpans: { spans: object[] }[] }[];
  };
  const lines: string[] = [];
  for (const resource of document.resourceSpans) {
    const { scopeSpans, ...head } = resource;
    lines.push(JSON.stringify(head));
    for (const { spans, ...scope } of scopeSpans) {
      lines.push(JSON.stringify(scope), ...spans.map((span) => JSON.stringify(span)));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** An export of what is at the path, in the folder's store; what was asked for before is not exported again. */
function exporter(path: string, folder: string) {
  const db = join(folder, 'store.db');
  let imported: Promise<CliResult> | undefined;
  const run = async (options: readonly string[]) => {
    imported ??= runCli(['import', path, '--db', db]);
    expect([0, 3]).toContain((await imported).code);
    const { code, stdout } = await runCli(['export', '--all', '--db', db, ...options]);
    expect(code).toBe(0);
    return stdout;
  };
  const known = new Map<string, Promise<string>>();
  return (...options: string[]): Promise<string> => {
    const key = options.join(' ');
    const found = known.get(key) ?? run(options);
    known.set(key, found);
    return found;
  };
}

/** Every two of these meet in one of them. */
const PAIRS = (['none', 'redacted', 'full'] as const).flatMap((content, row) =>
  (['latest', 'dual', 'legacy'] as const).map((profile, column) => {
    const spanNames = (row + column) % 2 === 0 ? ('agent-strace' as const) : ('semconv' as const);
    return [content, profile, spanNames] as const;
  }),
);

describe.each(FIXTURE_SETS)('the traces of $name', ({ name, path }) => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-strace-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const exported = exporter(path, folder);

  it('are what they were, in every vocabulary', async () => {
    for (const mapper of MAPPERS) {
      const actual = readable(await exported('--format', mapper.name));
      const file = join(GOLDEN, mapper.name, `${name}.jsonl`);
      if (update) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, actual);
      }
      expect(
        existsSync(file),
        `no golden file for ${mapper.name} and ${name}: run UPDATE_GOLDEN=1 npx vitest run test/golden.test.ts and read what it wrote`,
      ).toBe(true);
      expect(
        actual,
        `${mapper.name}/${name}.jsonl is stale: if the change is meant, run UPDATE_GOLDEN=1 npx vitest run test/golden.test.ts`,
      ).toBe(readFileSync(file, 'utf8'));
    }
  });

  it('follow the GenAI conventions under every policy and profile', async () => {
    for (const [content, profile, spanNames] of PAIRS) {
      const options = ['--content', content, '--span-names', spanNames, '--semconv', profile];
      const document = JSON.parse(await exported(...options)) as OtlpDocument;
      const { failures } = checkTrace(spansOfDocument(document), { content, spanNames, profile });
      expect(failures).toEqual([]);
    }
  });

  it('are well formed: one root, every parent there, no cycle, unique ids, no inverted span', async () => {
    for (const mapper of MAPPERS) {
      expect(wellFormedTraces(await exported('--format', mapper.name))).toEqual([]);
    }
  });
});
