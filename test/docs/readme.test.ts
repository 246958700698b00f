import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { AGENTS } from '../../src/agents/registry.ts';
import type { BackendPreset } from '../../src/backends/preset.ts';
import { BACKENDS } from '../../src/backends/registry.ts';
import { MAPPERS } from '../../src/mappers/registry.ts';
import { runCli } from '../support/cli.ts';
import { namedCommands } from './commands-of-the-program.ts';
import { expectSection, ROOT } from './pages.ts';

const README = 'README.md';

/** What quickstart does, as a person would type it. */
const CAPTURED = [
  ['import', 'examples/recordings'],
  ['export', '--output', 'trace.json'],
  ['show', '--width', '98'],
];

async function capture(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-strace-readme-'));
  const lines: string[] = [];
  try {
    for (const typed of CAPTURED) {
      const args = typed.map((arg) => (arg === 'trace.json' ? join(folder, arg) : arg));
      const { stdout, stderr } = await runCli([...args, '--db', join(folder, 'store.db')], {
        cwd: ROOT,
      });
      lines.push(`$ agent-strace ${typed.slice(0, typed[0] === 'show' ? 1 : undefined).join(' ')}`);
      lines.push(`${stderr}${stdout}`.replaceAll(`${folder}/`, '').trimEnd(), '');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return `\`\`\`text\n${lines.join('\n').trimEnd()}\n\`\`\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function needs(preset: BackendPreset): string {
  const names = preset.variables
    .filter(({ required }) => required)
    .map(({ name }) => `\`${name}\``);
  return names.length === 0 ? '' : names.join(', ');
}

describe('README', () => {
  it('shows what the program really prints', async () => {
    expectSection(README, 'capture', await capture());
  });

  it('lists every command', () => {
    const rows = namedCommands()
      .filter(({ isGroup }) => !isGroup)
      .map(({ name, summary }) => [`\`${name}\``, summary]);
    expectSection(README, 'commands', table(['command', 'what it does'], rows));
  });

  it('lists every agent', () => {
    const rows = AGENTS.map(({ name, summary }) => [
      `[\`${name}\`](docs/agents/${name}.md)`,
      summary,
    ]);
    expectSection(README, 'agents', table(['agent', 'what is read'], rows));
  });

  it('has an index that lists every agent', () => {
    const rows = AGENTS.map(({ name, summary }) => `  - [${name}](agents/${name}.md): ${summary}`);
    expectSection('docs/README.md', 'agents', rows.join('\n'));
  });

  it('lists every format with its default for content', () => {
    const rows = MAPPERS.map(({ name, summary, contentDefault }) => [
      `[\`${name}\`](docs/mappers/${name}.md)`,
      summary,
      `\`${contentDefault}\``,
    ]);
    expectSection(
      README,
      'formats',
      table(['format', 'what it is', '`--content` unless given'], rows),
    );
  });

  it('has one line for every backend', () => {
    const rows = BACKENDS.map((preset) => {
      const format = preset.format === 'otlp-genai' ? '' : ` --format ${preset.format}`;
      const command = preset.signals.includes('traces')
        ? `\`agent-strace export${format} --backend ${preset.name}\``
        : `\`agent-strace export --metrics --backend ${preset.name}\``;
      return [`[${preset.title}](docs/backends/${preset.name}.md)`, command, needs(preset)];
    });
    expectSection(README, 'backends', table(['backend', 'command', 'variables it needs'], rows));
  });
});
