import { test } from 'vitest';
import { AGENTS } from '../../src/agents/registry.ts';
import { expectSection } from './pages.ts';

test('the table of agents says what the registry says', () => {
  const rows = AGENTS.map(({ name, product, summary, places, hooks, setup }) => {
    const where = places({ home: '~', platform: 'linux', env: {} });
    const live = setup !== undefined ? '`setup`' : hooks !== undefined ? 'yes' : 'no';
    return `| [\`${name}\`](${name}.md) | ${summary} | \`${product}\` | ${where.map((place) => `\`${place}\``).join(', ')} | ${live} |`;
  });
  const head = ['| `--agent` | Reads | Product id | Looks in | Hooks |', '|---|---|---|---|---|'];
  expectSection('docs/agents/README.md', 'agents', [...head, ...rows].join('\n'));
});
