import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { record, sessionFacts } from '../delivery/recorded-sessions.ts';
import { runCli } from '../support/cli.ts';
import { type Fault, type OtlpServer, startOtlpServer } from '../support/otlp-server.ts';
import { temporaryFolder } from '../support/temporary-store.ts';

/** Places that no trace tells of: scores go their own way, and the rest is said to the destination or the proxy. */
const OUTSIDE_TRACES = [
  'scorename',
  'comment',
  'judge',
  'header',
  'urlpass',
  'urlquery',
  'proxypass',
] as const;
const SESSION = 'ca4a0000-0000-4000-8000-000000000001';
const PLACES = [
  'prompt',
  'input',
  'nested',
  'output',
  'error',
  'title',
  'branch',
  'folder',
  'model',
  'callid',
  'resource',
  'attribute',
  'envres',
  'service',
  'tag',
  'tool',
  'agentname',
  ...OUTSIDE_TRACES,
] as const;
type Place = (typeof PLACES)[number];

/** A token in a well-known form and an address, both of which name the place where they were planted. */
function canary(place: Place): string {
  const token = ['ghp', `${place}Canary0123456789abcdefghijklmnopqrstuv`.slice(0, 36)].join('_');
  return `${token} and canary.${place}@mail.example.org`;
}

/** What must not be found: any of the tokens or addresses, however they are written. */
const FORBIDDEN = new RegExp(
  PLACES.flatMap((place) => [`${place}Canary`, `canary\\.${place}`, `canary%2E${place}`]).join('|'),
  'i',
);

function planted(): string {
  const db = join(temporaryFolder(), 'store.db');
  record(
    db,
    ...sessionFacts({
      id: SESSION,
      prompt: `please use ${canary('prompt')}`,
      facts: {
        title: `fix ${canary('title')}`,
        git_branch: `feature/${canary('branch')}`,
        cwd: `/srv/${canary('folder')}`,
        agent: `acme ${canary('agentname')}`,
      },
      calls: [
        {
          input: JSON.stringify({
            command: `curl -H "Authorization: ${canary('input')}"`,
            more: JSON.stringify({ token: canary('nested') }),
          }),
          output: `done with ${canary('output')}`,
        },
        {
          name: `mcp__shop__${canary('tool')}`,
          error: `failed: ${canary('error')}`,
          facts: { call_id: canary('callid'), skill: canary('model') },
        },
      ],
    }),
  );
  return db;
}

/** A receiver's words that repeat whatever it was sent. */
const ECHO = {
  body: `no: Bearer ${canary('header')} is unknown here`,
  headers: { 'content-type': 'text/plain' },
};

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['accepted', {}],
  ['unauthorised, echoing', { status: 401, ...ECHO }],
  ['refused, echoing', { status: 400, ...ECHO }],
  ['partly accepted, echoing', { partial: { rejected: 1, message: ECHO.body } }],
  ['down, echoing', { status: 503, ...ECHO }],
  [
    'a page, echoing',
    {
      status: 200,
      body: `<html><title>${ECHO.body}</title></html>`,
      headers: { 'content-type': 'text/html' },
    },
  ],
  [
    'redirecting',
    { status: 302, headers: { location: `http://x.invalid/?k=${canary('header')}` } },
  ],
  ['silent', { connection: 'hang' }],
  ['gone', { connection: 'reset-after-body' }],
];

/** Those after which spans are spoken of, so that the vocabulary has a say; the others are the same in each. */
const FAULTS_OF_SPANS = FAULTS.filter(([name]) => /accepted|refused/.test(name));

const FLAGS = [
  '--header',
  `authorization: Bearer ${canary('header')}`,
  '--resource-attribute',
  `team=${canary('resource')}`,
  '--attribute',
  `note=${canary('attribute')}`,
  '--service-name',
  `agent ${canary('service')}`,
];

const ENV = {
  OTEL_RESOURCE_ATTRIBUTES: `owner=${encodeURIComponent(canary('envres'))}`,
  AGENT_STRACE_DEBUG: '1',
};

/** Everything of the ledger, as text. */
function ledgerOf(db: string): string {
  const store = openStore({ path: db, mode: 'read' });
  const tables = ['deliveries', 'destinations', 'refused', 'segments', 'settled'];
  const rows = tables.map((table) => store.database.prepare(`SELECT * FROM ${table}`).all());
  store.close();
  return JSON.stringify(rows);
}

function expectClean(what: string, text: string): void {
  const found = FORBIDDEN.exec(text);
  expect(
    found === null
      ? 'clean'
      : `${what}: …${text.slice(Math.max(0, found.index - 60), found.index + 40)}…`,
  ).toBe('clean');
}

function expectCleanRequests(server: OtlpServer): void {
  for (const { body, path, headers } of server.requests) {
    expectClean('request body', body.toString('latin1'));
    const { authorization, ...others } = headers;
    expectClean('request head', `${path} ${JSON.stringify(others)}`);
    expect(authorization).toContain(canary('header'));
  }
}

describe.each(['otlp-genai', 'otlp', 'langfuse'])('planted secrets, as %s', (format) => {
  it.each([
    ['http/protobuf', 'otlp-http', 'redacted'],
    ['http/protobuf', 'otlp-http', 'none'],
    ['http/json', 'otlp-http', 'redacted'],
    ['http/json', 'otel', 'redacted'],
  ])(
    'reach nobody over %s by %s with content %s, whatever the receiver does',
    async (protocol, exporter, content) => {
      const db = planted();
      const server = await startOtlpServer({ strict: false });
      const faults = format === 'otlp-genai' ? FAULTS : FAULTS_OF_SPANS;
      for (const [name, fault] of faults) {
        server.setFault(() => fault);
        const result = await runCli(
          [
            'export',
            SESSION,
            '--force',
            '--format',
            format,
            '--protocol',
            protocol,
            '--exporter',
            exporter,
            '--content',
            content,
            '--endpoint',
            server.url,
            ...FLAGS,
            '--request-timeout',
            '400ms',
            '--retry-for',
            '100ms',
            '--compression',
            'gzip',
            '--db',
            db,
            ...(format === 'langfuse' ? ['--tag', canary('tag')] : []),
          ],
          { env: ENV },
        );
        expect(result.stderr).not.toContain('unexpected failure');
        expect([0, 3]).toContain(result.code);
        expectClean(`stderr, receiver ${name}`, result.stderr);
        expectClean(`stdout, receiver ${name}`, result.stdout);
        expectClean(`ledger, receiver ${name}`, ledgerOf(db));
      }
      expect(server.requests.length).toBeGreaterThanOrEqual(faults.length);
      expectCleanRequests(server);
      await server.close();
    },
    60_000,
  );

  it('are in no file', async () => {
    const db = planted();
    const file = join(temporaryFolder(), 'trace.json');
    const written = await runCli(
      [
        'export',
        SESSION,
        '--format',
        format,
        '--content',
        'redacted',
        '--output',
        file,
        ...FLAGS.slice(2),
        '--db',
        db,
      ],
      { env: ENV },
    );
    expect(written.code).toBe(0);
    expectClean('file', readFileSync(file, 'utf8'));
    expectClean('stderr', written.stderr);
  });
});

describe('planted secrets of a destination', () => {
  it('are in no summary and no message about it', async () => {
    const db = planted();
    const query = `?api_key=${encodeURIComponent(canary('urlquery'))}`;
    const proxy = `http://me:${encodeURIComponent(canary('proxypass'))}@127.0.0.1:9`;
    const urls = [
      `http://user:${encodeURIComponent(canary('urlpass'))}@127.0.0.1:9/v1/traces${query}`,
      `http://collector.invalid/v1/traces${query}`,
      `https://collector.invalid:70000/${query}`,
      `ftp://user:${encodeURIComponent(canary('urlpass'))}@collector.invalid/${query}`,
      `collector.invalid/v1/traces${query}`,
      `https://http-intake.logs.datadoghq.com/v1/traces${query}`,
    ];
    const modes = [['--json'], ['--dry-run'], []];
    for (const [url, more] of urls.flatMap((one) => modes.map((mode) => [one, mode] as const))) {
      const down = await runCli(
        ['export', SESSION, '--endpoint', url, '--retry-for', '1ms', ...more, '--db', db],
        { env: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, AGENT_STRACE_DEBUG: '1' } },
      );
      expect(down.stderr).not.toContain('unexpected failure');
      expectClean(`stderr, ${url}`, down.stderr);
      expectClean(`stdout, ${url}`, down.stdout);
    }
    expectClean('ledger', ledgerOf(db));
  });
});

describe('planted secrets, on this machine and in metrics', () => {
  it('are shown nowhere', async () => {
    const db = planted();
    const commands = [
      ['list'],
      ['list', '--json'],
      ['show', SESSION, '--expand'],
      ['show', SESSION, '--json'],
      ['export', '--metrics', '--all', '--output', '-', ...FLAGS.slice(2)],
    ];
    for (const command of commands) {
      const shown = await runCli([...command, '--db', db], { env: ENV });
      expect([command, shown.code]).toEqual([command, 0]);
      expectClean(command.join(' '), shown.stdout + shown.stderr);
    }
  });
});

describe('planted secrets of scores', () => {
  it.each([['otlp-genai'], ['langfuse']])(
    'are in no event, no list, no table and no message, as %s',
    async (format) => {
      const db = planted();
      const store = ['--db', db];
      const scored = await runCli([
        ...['score', SESSION, '--name', `helpful ${canary('scorename')}`, '--value', '0.5'],
        ...['--comment', `because ${canary('comment')}`, '--source', canary('judge'), ...store],
      ]);
      const named = await runCli([
        ...['score', SESSION, '--name', 'helpful', '--value', '0.5'],
        ...['--comment', `because ${canary('comment')}`, ...store],
      ]);
      expect([scored.code, named.code]).toContain(0);
      for (const shown of [scored, named]) expectClean('score', shown.stdout + shown.stderr);
      for (const more of [[], ['--json']]) {
        const listed = await runCli(['score', 'list', ...more, ...store]);
        expect(listed.code).toBe(0);
        expectClean('score list', listed.stdout + listed.stderr);
      }
      const server = await startOtlpServer({
        strict: false,
        paths: ['/v1/traces', '/v1/logs', '/api/public/ingestion'],
      });
      for (const [name, fault] of FAULTS) {
        server.setFault(() => fault);
        const sent = await runCli([
          ...['export', SESSION, '--scores', '--format', format, '--content', 'redacted'],
          ...['--endpoint', server.url, ...FLAGS, '--force', '--json', ...store],
          ...['--request-timeout', '400ms', '--retry-for', '100ms'],
        ]);
        expectClean(`stderr, receiver ${name}`, sent.stderr);
        expectClean(`stdout, receiver ${name}`, sent.stdout);
        expectClean(`ledger, receiver ${name}`, ledgerOf(db));
      }
      expect(server.requests.some(({ path }) => path === '/v1/logs')).toBe(true);
      expectCleanRequests(server);
      await server.close();
    },
    60_000,
  );
});

describe('the search for planted secrets', () => {
  it('finds them where redaction is off', async () => {
    const db = planted();
    const found = new Set<string>();
    for (const format of ['otlp-genai', 'otlp', 'langfuse']) {
      const open = await runCli(
        [
          ...['export', SESSION, '--format', format, '--content', 'full', '--no-redact'],
          ...[...FLAGS.slice(2), '--db', db],
          ...(format === 'langfuse' ? ['--tag', canary('tag')] : []),
        ],
        { env: ENV },
      );
      for (const [, place] of open.stdout.matchAll(/ghp_([a-z]+)Canary/g)) found.add(place!);
    }
    const unseen = PLACES.filter((place) => !found.has(place));
    expect(unseen).toEqual(OUTSIDE_TRACES);
  });
});
