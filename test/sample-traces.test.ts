import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-store.ts';
import { wellFormedTraces } from './support/well-formed.ts';

const SAMPLES = process.env['AGENT_STRACE_SAMPLES'];
const available = SAMPLES !== undefined && existsSync(SAMPLES);
if (!available)
  process.stderr.write(
    'AGENT_STRACE_SAMPLES is not set: real recordings are not imported in this run\n',
  );

describe.skipIf(!available)('real recordings of every agent (AGENT_STRACE_SAMPLES)', () => {
  it('import without a crash and give well-formed traces', async () => {
    const db = join(temporaryFolder(), 'store.db');
    const imported = await runCli(['import', SAMPLES!, '--db', db]);
    expect([0, 3]).toContain(imported.code);
    for (const format of ['otlp', 'otlp-genai', 'langfuse']) {
      const { code, stdout } = await runCli(['export', '--all', '--format', format, '--db', db]);
      expect(code).toBe(0);
      expect(wellFormedTraces(stdout)).toEqual([]);
    }
  });
});
