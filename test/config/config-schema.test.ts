import { expect, test } from 'vitest';
import { toJSONSchema } from 'zod/mini';
import { CONFIG_KEYS, CONFIGURABLE } from '../../src/commands/configuration/config-keys.ts';
import { configSchema } from '../../src/commands/configuration/config-schema.ts';
import { expectPage, readPage } from '../docs/pages.ts';

const PAGE = 'docs/configuration.md';

test('docs/config.schema.json is what the program checks', () => {
  const { $schema, ...schema } = toJSONSchema(configSchema(), { io: 'input' });
  const titled = { $schema, title: 'agent-strace configuration', ...schema };
  expectPage('docs/config.schema.json', `${JSON.stringify(titled, null, 2)}\n`);
});

test('every example of the page is a configuration that the program takes', () => {
  const examples = [...readPage(PAGE).matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) =>
    JSON.parse(text!),
  );
  expect(examples.length).toBeGreaterThan(2);
  const schema = configSchema();
  for (const example of examples) {
    const value = example['agent-strace'] ?? example;
    expect(schema.safeParse(value).error?.issues ?? []).toEqual([]);
  }
});

test('the page names every key', () => {
  const page = readPage(PAGE);
  const missing = CONFIGURABLE.map((name) => CONFIG_KEYS[name]!.path).filter(
    (path) => !page.includes(`\`${path}\``),
  );
  expect(missing).toEqual([]);
});
