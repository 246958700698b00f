import { it } from 'vitest';
import { SAMPLING_POLICIES } from '../../src/delivery/sampling-policies.ts';
import { expectSection } from './pages.ts';

it('docs/sampling.md lists every policy', () => {
  const rows = SAMPLING_POLICIES.map(
    ({ word, value = '', keeps }) => `| \`${word}${value}\` | ${keeps} |`,
  );
  expectSection(
    'docs/sampling.md',
    'policies',
    ['| policy | keeps |', '| --- | --- |', ...rows].join('\n'),
  );
});
