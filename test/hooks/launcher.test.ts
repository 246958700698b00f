import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CLI, runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-store.ts';
import { SESSION } from './driver.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIST = dirname(CLI);
const IMPORT = /^(?:import|export)\b(?! type\b)[^;]*?from '([^']+)'|import\('([^']+)'\)/gm;

/** Every module that a source file brings in at run time, packages included. */
function closureOf(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const match of readFileSync(join(ROOT, path), 'utf8').matchAll(IMPORT)) {
    const target = (match[1] ?? match[2])!;
    if (target.startsWith('.')) closureOf(normalize(join(dirname(path), target)), found);
    else found.add(target);
  }
  return found;
}

function installation(): string {
  const folder = join(temporaryFolder(), 'package');
  mkdirSync(folder);
  cpSync(DIST, join(folder, 'dist'), { recursive: true });
  for (const name of caches(folder)) rmSync(join(folder, 'dist', name));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function caches(folder: string): string[] {
  return readdirSync(join(folder, 'dist')).filter((name) => name.endsWith('.cache'));
}

describe('the launcher', () => {
  it('prints version and help without the program, in the program’s own words', async () => {
    for (const args of [['--help'], ['-h'], [], ['--version'], ['-V']]) {
      const { stdout } = await runCli(args);
      const main = spawnSync(process.execPath, [join(DIST, 'main.cjs'), ...args], {
        encoding: 'utf8',
      });
      expect(stdout).toBe(main.stdout);
      expect(stdout).not.toBe('');
    }
    const folder = installation();
    rmSync(join(folder, 'dist', 'main.cjs'));
    for (const args of [['--help'], ['--version']]) {
      expect(spawnSync(process.execPath, [join(folder, 'dist/cli.cjs'), ...args]).status).toBe(0);
    }
  });

  it('leaves everything else to the program', async () => {
    expect((await runCli(['hook', '--help'])).stdout).toContain('Usage: agent-strace hook');
    expect((await runCli(['nonsense'])).code).toBe(2);
    expect((await runCli(['list', '--help'])).stdout).toContain('Usage: agent-strace list');
  });

  it('runs hooks from what was compiled before, and without it just as well', () => {
    const folder = installation();
    const env = { AGENT_STRACE_DB: join(folder, 'store.db') };
    const hook = (id: string) =>
      spawnSync(process.execPath, [join(folder, 'dist/cli.cjs'), 'hook', 'PreToolUse'], {
        env,
        input: JSON.stringify({
          session_id: SESSION,
          tool_name: 'Read',
          tool_input: {},
          tool_use_id: id,
        }),
        encoding: 'utf8',
      });
    expect(hook('first')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const kept = caches(folder);
    expect(kept).toHaveLength(1);
    hook('second');
    writeFileSync(join(folder, 'dist', kept[0]!), 'of another Node');
    expect(hook('third')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    rmSync(join(folder, 'dist', kept[0]!));
    mkdirSync(join(folder, 'dist', kept[0]!));
    expect(hook('fourth')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const shown = spawnSync(process.execPath, [CLI, 'show', '--json'], { env, encoding: 'utf8' });
    const calls = (JSON.parse(shown.stdout).operations as { callId?: string }[]).map(
      (call) => call.callId,
    );
    expect(calls).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it('keeps the hook’s closure small: no commander, zod or OpenTelemetry, no reader of transcripts', () => {
    const closure = closureOf('src/hook.ts');
    const packages = [...closure].filter(
      (name) => !name.startsWith('src/') && !name.startsWith('node:'),
    );
    expect(packages).toEqual(['better-sqlite3']);
    expect(closure.size).toBeGreaterThan(20);
    expect(
      [...closure].filter((name) =>
        /transcript|reader|commands|mappers|exporters|registry\.ts$/.test(name),
      ),
    ).toEqual(['src/agents/hook-registry.ts']);
    const bundled = readFileSync(join(DIST, 'hook.cjs'), 'utf8');
    expect(bundled).not.toMatch(/CommanderError|ZodError|OTEL_EXPORTER/);
    const required = [...bundled.matchAll(/require\("([^"]+)"\)/g)].map((match) => match[1]!);
    expect(
      required.filter((name) => /crypto|child_process|http|net$|zlib|stream/.test(name)),
    ).toEqual([]);
  });
});
