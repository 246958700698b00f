import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RECORDED_SESSION, RECORDINGS, runCli } from '../support/cli.ts';
import {
  CONTENT,
  COST,
  HEAD,
  LISTED,
  MESSAGE,
  OPERATION,
  OWN,
  PART,
  TOTALS,
  USAGE,
} from './json-members.ts';
import { expectSection, readPage } from './pages.ts';

const PAGE = 'docs/json-output.md';

type Table = { readonly [member: string]: readonly [type: string, meaning: string] };
// biome-ignore lint/suspicious/noExplicitAny: what the program prints is foreign data here.
type Loose = any;

function rows(members: Table, prefix = ''): string[] {
  return Object.entries(members).map(
    ([name, [type, meaning]]) => `| ${prefix}\`${name}\` | ${type} | ${meaning} |`,
  );
}

function table(members: Table): string {
  return ['| member | type | |', '| --- | --- | --- |', ...rows(members)].join('\n');
}

it('the page has every member of a listed and of a shown session', () => {
  const tables: readonly (readonly [string, Table])[] = [
    ['listed', LISTED],
    ['head', HEAD],
    ['totals', TOTALS],
    ['operation', OPERATION],
    ['content', CONTENT],
    ['usage', USAGE],
    ['cost', COST],
    ['message', MESSAGE],
    ['part', PART],
  ];
  for (const [name, members] of tables) expectSection(PAGE, name, table(members));
  const own = Object.entries(OWN).flatMap(([kind, members]) => rows(members, `\`${kind}\` | `));
  const head = ['| kind | member | type | |', '| --- | --- | --- | --- |'];
  expectSection(PAGE, 'own', [...head, ...own].join('\n'));
});

describe('the program prints no member that the page does not have', () => {
  let folder: string;
  let db: string;

  async function json(...args: string[]): Promise<Loose> {
    const env = { HOME: folder };
    return JSON.parse((await runCli([...args, '--db', db], { env, cwd: folder })).stdout);
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'agent-strace-test-'));
    db = join(folder, 'store.db');
    await json('import', RECORDINGS, '--json');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const unknown = (found: Loose, ...known: Table[]): string[] =>
    Object.keys(found ?? {}).filter(
      (name) => !known.some((members) => Object.hasOwn(members, name)),
    );

  it('of a list', async () => {
    const sessions = await json('list', '--json');
    expect(sessions).toHaveLength(1);
    expect(unknown(sessions[0], LISTED)).toEqual([]);
    expect(unknown(sessions[0].usage, USAGE)).toEqual([]);
  });

  it('of a session', async () => {
    const { form, head, totals, operations, ...more } = await json('show', '--json');
    expect({ form, more }).toEqual({ form: 1, more: {} });
    expect(readPage(PAGE)).toContain('`form` (1)');
    expect([...unknown(head, HEAD), ...unknown(totals, TOTALS)]).toEqual([]);
    expect([...unknown(totals.usage, USAGE), ...unknown(totals.cost, COST)]).toEqual([]);
    expect(operations.length).toBeGreaterThan(20);
    for (const operation of operations) {
      const own: Table = OWN[operation.kind as keyof typeof OWN];
      expect(unknown(operation, OPERATION, own), operation.kind).toEqual([]);
      expect(unknown(operation.usage, USAGE)).toEqual([]);
      for (const content of operation.contents) expect(unknown(content, CONTENT)).toEqual([]);
      for (const message of operation.inputMessages ?? []) {
        expect(unknown(message, MESSAGE)).toEqual([]);
        for (const part of message.parts) expect(unknown(part, PART)).toEqual([]);
      }
    }
  });

  /** What the row of a command says, by the words in backticks. */
  function told(command: string): Set<string> {
    const line = readPage(PAGE)
      .split('\n')
      .find((row) => row.startsWith('| ') && row.split(' | ')[0]!.includes(`\`${command}\``));
    return new Set([...(line ?? '').matchAll(/`(\w+)`/g)].map(([, word]) => word!));
  }

  /** Counts of one file are told of together. */
  const COUNTED =
    /^(?:parsed|ignored|pending|turns|conversationFacts|eventsKnown|copies|without\w+)$/;

  it('of other commands', async () => {
    writeFileSync(join(folder, 'notes.md'), 'mail ada.lovelace@shop-works.org\n');
    await runCli(['keys', 'generate'], { env: { HOME: folder } });
    await json('score', RECORDED_SESSION, '--name', 'helpful', '--value', '1', '--json');
    await runCli(['hold', 'add', RECORDED_SESSION, '--reason', 'why', '--db', db]);
    const nowhere = ['--endpoint', 'http://127.0.0.1:9', '--dry-run'];
    const found: readonly (readonly [string, Loose, ...string[]])[] = [
      ['import', await json('import', RECORDINGS, '--force', '--json'), 'sources', 'hookFiles'],
      ['import --discover', await json('import', RECORDINGS, '--discover', '--json'), 'sources'],
      ['export', (await json('export', ...nowhere, '--json')).destinations[0]],
      ['score list', (await json('score', 'list', '--json'))[0]],
      ['hold list', (await json('hold', 'list', '--json'))[0]],
      ['prune', await json('prune', '--older-than', '100y', '--dry-run', '--json')],
      ['store info', await json('store', 'info', '--json')],
      ['config show', await json('config', 'show', '--json'), 'settings'],
      [
        'keys show',
        JSON.parse((await runCli(['keys', 'show', '--json'], { env: { HOME: folder } })).stdout),
      ],
      ['redact --check', await json('redact', '--check', '--json', 'notes.md'), 'places'],
      ['doctor', await json('doctor', '--agent', 'goose', '--json')],
    ];
    for (const [command, object, ...inner] of found) {
      const known = told(command);
      const below = inner.map((name) =>
        Array.isArray(object[name]) ? object[name][0] : object[name],
      );
      expect(Object.keys(object).length, command).toBeGreaterThan(1);
      for (const name of [object, ...below].flatMap(Object.keys))
        expect(known.has(name) || COUNTED.test(name), `${command}: ${name}`).toBe(true);
    }
  });
});
