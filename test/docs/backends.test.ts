import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BackendPreset } from '../../src/backends/preset.ts';
import { BACKENDS } from '../../src/backends/registry.ts';
import { expectPage, expectSection, ROOT, readPage } from './pages.ts';

const INDEX = `# Backends

Each page has the command, the variables it reads, and what you see in the backend. A table of all limits is in
[exporters.md](../exporters.md#backends), as is [what each answer of a server leads to](../exporters.md#what-an-answer-means).
Each command sends the latest session; \`--all\` or \`--since 7d\` sends more. Replace \`…\` with your own values.

`;

const INDEX_TAIL = `
**Any other** backend that takes OTLP over HTTP, with the standard variables or with flags:

\`\`\`sh
export OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318
agent-strace export --backend otlp
agent-strace export --endpoint http://localhost:4318 --header "x-team: agents"
\`\`\`

If a server has a path of its own, give the full URL of the signal: \`--endpoint https://host/prefix/v1/traces\`.
`;

function age(millis: number): string {
  const minutes = millis / 60_000;
  if (minutes === 60) return 'an hour';
  return minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} minutes`;
}

function command(preset: BackendPreset): string {
  const needed = preset.variables.filter(({ required }) => required);
  const lines = needed.map(({ name }) => `export ${name}=…`);
  const traces = preset.signals.includes('traces');
  const format = traces && preset.format !== 'otlp-genai' ? ` --format ${preset.format}` : '';
  const what = traces ? '' : ' --metrics';
  return [...lines, `agent-strace export${what}${format} --backend ${preset.name}`].join('\n');
}

function section(preset: BackendPreset): string {
  const variables = preset.variables.map(
    ({ name, required, meaning }) => `| \`${name}\` | ${required ? 'yes' : 'no'} | ${meaning} |`,
  );
  const what = preset.signals.includes('traces') ? 'spans' : 'points';
  const facts = [
    `Takes ${preset.signals.join(', ')}.`,
    preset.maxAttributeLength === undefined
      ? ''
      : `Values over ${preset.maxAttributeLength.toLocaleString('en')} characters are cut here, with a marker.`,
    preset.maxAttributeBytes === undefined
      ? ''
      : `Values over ${preset.maxAttributeBytes.toLocaleString('en')} bytes are cut here, with a marker.`,
    preset.maxAgeMillis === undefined
      ? ''
      : `Expect ${what} older than ${age(preset.maxAgeMillis)} to be dropped; \`export\` warns before it sends them.`,
    preset.maxPointAgeMillis === undefined
      ? ''
      : `Expect data points older than ${age(preset.maxPointAgeMillis)} to be dropped; \`export --metrics\` gives all of them the time of the export.`,
    `What arrives twice: ${preset.copies}.`,
    ...preset.notes,
  ];
  return [
    `\`\`\`sh\n${command(preset)}\n\`\`\``,
    '',
    ...(variables.length === 0
      ? []
      : ['| variable | needed | |', '| --- | --- | --- |', ...variables, '']),
    ...facts.filter((fact) => fact !== '').map((fact) => `- ${fact}`),
  ].join('\n');
}

describe.each(BACKENDS)('the page of $name', (preset) => {
  const path = `docs/backends/${preset.name}.md`;

  it('exists and has what the preset says', () => {
    expect(existsSync(ROOT + path), `write ${path}`).toBe(true);
    expectSection(path, 'preset', section(preset));
    expectPage(path, readPage(path).replace(/^# .*\n/, `# ${preset.title}\n`));
  });

  it('says what one sees there and where that is known from', () => {
    const own = readPage(path).split('<!-- preset:end -->')[1] ?? '';
    expect(own).toMatch(/^## What you see there$/m);
    expect(own).toMatch(/^Sources: .+ 20\d\d\.$/m);
  });
});

it('the index lists every backend', () => {
  const rows = BACKENDS.map(
    ({ name, title, summary }) => `| [${title}](${name}.md) | ${summary} |`,
  );
  const table = ['| backend | |', '| --- | --- |', ...rows].join('\n');
  expectPage('docs/backends/README.md', `${INDEX}${table}\n${INDEX_TAIL}`);
});
