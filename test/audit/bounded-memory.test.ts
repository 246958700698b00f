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
import { hashEvent } from '../../src/integrity/chain.ts';
import { genesisHash, MemoryStore } from './memory-source.ts';
import { PACKAGE_OPTIONS } from './sample-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'bounded-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One session whose events are made while they are read. */
function endlessSource(events: number): AuditSource {
  const store = new MemoryStore();
  const { genesis } = store.record({ session: 'long', facts: [] });
  const start = genesisHash(genesis);
  function* chain() {
    let prev = start;
    for (let n = 0; n < events; n += 1) {
      const op = n.toString(16).padStart(16, '0');
      const header = canonicalJson({
        ...{
          v: 1,
          chain: genesis.chain,
          n,
          type: n % 2 === 0 ? 'tool_call' : 'notice',
          event_id: `e${n}`,
          op,
        },
        ...{
          session: 'long',
          capture: 'hook',
          basis: 'recorded',
          ts_us: n,
          facts: { name: 'Bash', note: 'x'.repeat(600) },
          prev,
        },
      });
      prev = hashEvent(header);
      yield { header, hash: prev, disclose: () => undefined };
    }
    return prev;
  }
  let head = start;
  for (const { hash } of chain()) head = hash;
  store.leaves.pop();
  const last = { t: 'session_checkpoint', session: 'long', count: events, hash: head } as const;
  return {
    origin: store.origin,
    leaves: () => [...store.leaves, last].map(canonicalJson),
    sessions: () => [{ session: 'long', genesis: canonicalJson(genesis), events: chain }],
    excluded: () => [],
  };
}

describe('a package larger than the memory', () => {
  const file = join(folder, 'package.json');
  const program = join(folder, 'verify.cjs');

  beforeAll(() => {
    const descriptor = openSync(file, 'w');
    for (const chunk of inChunks(writePackage(endlessSource(60_000), PACKAGE_OPTIONS)))
      writeSync(descriptor, chunk);
    closeSync(descriptor);
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

  it('is verified within a small heap', () => {
    expect(statSync(file).size).toBeGreaterThan(50 * 2 ** 20);
    const run = spawnSync(process.execPath, ['--max-old-space-size=24', program, file], {
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.stdout)).toEqual({ exit: 0, codes: [], events: 60_000 });
  }, 120_000);
});
