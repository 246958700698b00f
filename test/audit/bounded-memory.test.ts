import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditSource } from '../../src/audit/audit-source.ts';
import { inChunks } from '../../src/audit/package-file.ts';
import { writePackage } from '../../src/audit/write-package.ts';
import { canonicalJson } from '../../src/integrity/canonical-json.ts';
import { type Genesis, hashEvent } from '../../src/integrity/chain.ts';
import { genesisHash, MemoryStore } from './memory-source.ts';
import { PACKAGE_OPTIONS } from './sample-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'bounded-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Sessions whose events are made while they are read. */
function endlessSource(sessions: number, events: number): AuditSource {
  const store = new MemoryStore();
  const heads = Array.from({ length: sessions }, (_, index) => {
    const session = `session-${String(index).padStart(8, '0')}`;
    const { genesis } = store.record({ session, facts: [] });
    store.leaves.pop();
    let hash = genesisHash(genesis);
    for (const event of chainOf(genesis, events)) hash = event.hash;
    store.leaves.push({ t: 'session_checkpoint', session, count: events, hash });
    return genesis;
  });
  return {
    origin: store.origin,
    leaves: () => store.leaves.map(canonicalJson),
    sessions: () =>
      heads.map((genesis) => ({
        session: genesis.session,
        genesis: canonicalJson(genesis),
        events: () => chainOf(genesis, events),
      })),
    excluded: () => [],
  };
}

function* chainOf(genesis: Genesis, events: number) {
  const { chain, session } = genesis;
  const fixed = { v: 1, chain, session, capture: 'hook', basis: 'recorded' };
  const facts = { name: 'Bash', note: 'x'.repeat(600) };
  let prev = genesisHash(genesis);
  for (let n = 0; n < events; n += 1) {
    const own = { n, type: n % 2 === 0 ? 'tool_call' : 'notice', event_id: `e${n}`, ts_us: n };
    const op = n.toString(16).padStart(16, '0');
    const header = canonicalJson({ ...fixed, ...own, op, facts, prev });
    prev = hashEvent(header);
    yield { header, hash: prev, disclose: () => undefined };
  }
}

describe('a package larger than the memory', () => {
  const file = join(folder, 'package.json');
  const program = join(folder, 'verify.cjs');

  beforeAll(() => {
    const audit = (name: string) =>
      JSON.stringify(fileURLToPath(new URL(`../../src/audit/${name}.ts`, import.meta.url)));
    buildSync({
      stdin: {
        contents: `
          import { packageFile } from ${audit('package-file')};
          import { verifyPackage } from ${audit('verify-package')};
          const { exit, codes, counts } = verifyPackage(packageFile(process.argv[2]));
          console.log(JSON.stringify({ exit, codes, events: counts?.events }));`,
        resolveDir: folder,
      },
      bundle: true,
      platform: 'node',
      outfile: program,
    });
  });

  it.each([
    ['one session', 1, 60_000],
    ['many sessions', 1500, 40],
  ])(
    'of %s is verified within a small heap',
    (_name, sessions, events) => {
      const descriptor = openSync(file, 'w');
      for (const chunk of inChunks(writePackage(endlessSource(sessions, events), PACKAGE_OPTIONS)))
        writeSync(descriptor, chunk);
      closeSync(descriptor);
      expect(statSync(file).size).toBeGreaterThan(50 * 2 ** 20);
      const run = spawnSync(process.execPath, ['--max-old-space-size=24', program, file], {
        encoding: 'utf8',
      });
      expect(run.stderr).toBe('');
      expect(JSON.parse(run.stdout)).toEqual({ exit: 0, codes: [], events: 60_000 });
    },
    120_000,
  );
});
