import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-store.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = [
  'src',
  'scripts',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'docs/agents',
  'test/build-once.ts',
];
const TESTS = ['test/contract/agents.test.ts', 'test/docs/agents-table.test.ts'];
const run = promisify(execFile);

/** A copy of the program that also knows the agent of the guide: one folder and one line, a page and a recording. */
function programWithScribe(): string {
  const root = temporaryFolder();
  for (const name of [...COPIED, ...TESTS, 'test/support', 'test/fixtures', 'test/docs/pages.ts'])
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const put = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const example = (name: string) => readFileSync(join(ROOT, 'examples/agent-reader', name), 'utf8');
  put(
    'src/agents/scribe/scribe.ts',
    example('scribe.ts').replaceAll('../../src/agents/', '../').replaceAll('../../src/', '../../'),
  );
  const registry = readFileSync(join(root, 'src/agents/registry.ts'), 'utf8');
  const list = 'export const AGENTS: readonly Agent[] = [';
  expect(registry).toContain(list);
  put(
    'src/agents/registry.ts',
    `import { scribe } from './scribe/scribe.ts';\n${registry.replace(list, `${list}scribe, `)}`,
  );
  put('test/fixtures/scribe/run.jsonl', example('recording.jsonl'));
  put('docs/agents/scribe.md', '# Scribe\n');
  return root;
}

it('an agent added by one folder and one line is known to help, import, doctor, the docs table and the contract tests', async () => {
  const root = programWithScribe();
  const env = { PATH: process.env['PATH'], HOME: join(root, 'home') };
  await run(process.execPath, ['scripts/build.mjs'], { cwd: root, env });
  const cli = (...args: string[]) =>
    run(process.execPath, ['dist/cli.cjs', ...args], { cwd: root, env });

  for (const command of ['import', 'list', 'export', 'watch', 'doctor'])
    expect((await cli(command, '--help')).stdout.replace(/\s+/g, ' ')).toMatch(
      /--agent <name> [^-]*: scribe, claude/,
    );
  expect((await cli('__complete', '--', 'import', '--agent', 'sc')).stdout).toContain('scribe');

  const { stdout: imported } = await cli('import', '--agent', 'scribe', '--json', 'test/fixtures');
  const { sources } = JSON.parse(imported) as { sources: { agent: string; turns: number }[] };
  expect(sources.map(({ agent }) => agent)).toEqual(['scribe']);
  expect(sources[0]!.turns).toBeGreaterThan(0);
  const { stdout: listed } = await cli('list', '--agent', 'scribe', '--json');
  expect(JSON.parse(listed)).toHaveLength(1);

  const { stdout: examined } = await cli('doctor', '--json');
  const agents = (JSON.parse(examined) as { agents: { agent: string }[] }).agents;
  expect(agents.map(({ agent }) => agent)).toContain('scribe');

  const vitest = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--root',
    root,
    ...TESTS,
    '-t',
    'scribe|table of agents',
  ];
  const tested = await run(process.execPath, vitest, {
    cwd: root,
    env: { ...env, AGENT_STRACE_SKIP_BUILD: '1', UPDATE_DOCS: '1', NO_COLOR: '1' },
  });
  expect(tested.stdout).toMatch(/Tests\s+[1-9]\d* passed/);
  expect(readFileSync(join(root, 'docs/agents/README.md'), 'utf8')).toContain(
    '| [`scribe`](scribe.md) |',
  );
}, 120_000);
