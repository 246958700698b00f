import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileSample } from '../../src/agents/agent.ts';
import { AGENTS } from '../../src/agents/registry.ts';
import { discover } from '../../src/ingest/discover.ts';
import { importSource } from '../../src/ingest/import-source.ts';
import type { EventDraft } from '../../src/session/event.ts';
import { createEventWriter } from '../../src/store/write-events.ts';
import { fixtureFolder, hasFixtures } from '../support/fixture-sessions.ts';
import { temporaryFolder, temporaryStore } from '../support/temporary-store.ts';

const DOCS = fileURLToPath(new URL('../../docs/agents', import.meta.url));

/** The same length, other words: letters change places with their mirror in the alphabet. */
function mirrored(text: string): string {
  return text.replace(/\\[nrtbfu"\\/][0-9a-f]{0,4}|[a-z]/g, (found) =>
    found.length === 1 ? String.fromCharCode(219 - found.charCodeAt(0)) : found,
  );
}

const SAID = new Set(['prompt', 'response', 'llm_response']);

function importAll(path: string, hear?: (texts: readonly string[]) => void) {
  const store = temporaryStore();
  const writer = createEventWriter(store);
  const listen = (draft: EventDraft) => {
    if (SAID.has(draft.kind)) hear?.((draft.contents ?? []).map(({ text }) => text));
    return draft;
  };
  const reports = discover([path], AGENTS).sources.map((source) =>
    importSource({ store, writer, clean: listen }, source),
  );
  const operations = store.database
    .prepare<[], string>('SELECT operation FROM operations ORDER BY operation')
    .pluck()
    .all();
  const events = store.database
    .prepare<[], { event_id: string; kind: string }>(
      'SELECT event_id, kind FROM events ORDER BY session, event_id',
    )
    .all();
  return { reports, events, operations };
}

describe('the list of agents', () => {
  it('has one name and one product for each', () => {
    expect(new Set(AGENTS.map((agent) => agent.name)).size).toBe(AGENTS.length);
    expect(new Set(AGENTS.map((agent) => agent.product)).size).toBe(AGENTS.length);
  });
});

describe.each(AGENTS.map((agent) => ({ name: agent.name, agent })))('$name', ({ name, agent }) => {
  it('has a docs page and fixtures', () => {
    expect(
      existsSync(join(DOCS, `${name}.md`)),
      `write docs/agents/${name}.md: where the agent keeps its recordings, their format, token semantics`,
    ).toBe(true);
    expect(hasFixtures(name), `put recordings of our own making into test/fixtures/${name}/`).toBe(
      true,
    );
  });

  it('recognises its own fixtures, and nobody else does', () => {
    const found = discover([fixtureFolder(name)], AGENTS).sources;
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map((source) => source.agent.name))).toEqual(new Set([name]));
  });

  it('reads its fixtures without a broken record and finds sessions in them', () => {
    const { reports, events } = importAll(fixtureFolder(name));
    for (const report of reports) {
      expect(report).toMatchObject({ status: 'read' });
      expect(report.parsed + report.ignored + report.unknown + report.broken).toBe(report.records);
    }
    expect(events.some((event) => event.kind === 'session_start')).toBe(true);
    expect(events.some((event) => event.kind === 'prompt' || event.kind === 'llm_response')).toBe(
      true,
    );
  });

  it('gives the same facts when it reads again', () => {
    const store = temporaryStore();
    const writer = createEventWriter(store);
    const sources = discover([fixtureFolder(name)], AGENTS).sources;
    for (const source of sources) importSource({ store, writer }, source);
    const count = () => store.database.prepare('SELECT count(*) FROM events').pluck().get();
    const before = count();
    store.database.exec('DELETE FROM sources');
    for (const source of sources) importSource({ store, writer }, source);
    expect(count()).toBe(before);
  });

  it('makes ids that tell nothing of what was said', () => {
    const said = new Set<string>();
    const first = importAll(fixtureFolder(name), (texts) => {
      for (const text of texts) said.add(text);
    });
    expect(said.size).toBeGreaterThan(0);
    const changed = join(temporaryFolder(), 'fixtures');
    cpSync(fixtureFolder(name), changed, { recursive: true });
    let replaced = 0;
    for (const file of readdirSync(changed, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(?:json|jsonl|ndjson)$/.test(file)) continue;
      let text = readFileSync(join(changed, file), 'utf8');
      for (const one of said) {
        const written = JSON.stringify(one).slice(1, -1);
        if (text.includes(written)) replaced++;
        text = text.replaceAll(written, mirrored(written));
      }
      writeFileSync(join(changed, file), text);
    }
    expect(replaced).toBeGreaterThan(0);
    // Versions of a rewritten record are named under a key that each store has for itself.
    const masked = ({ events }: ReturnType<typeof importAll>) =>
      events.map(({ event_id }) => event_id.replace(/\/r[0-9a-f]{16}$/, '/r<keyed>')).sort();
    const second = importAll(changed);
    expect(masked(second)).toEqual(masked(first));
    expect(second.operations).toEqual(first.operations);
    const keyed = (events: readonly { event_id: string }[]) =>
      events.map(({ event_id }) => event_id).filter((id) => /\/r[0-9a-f]{16}$/.test(id));
    const elsewhere = new Set(keyed(importAll(fixtureFolder(name)).events));
    expect(keyed(first.events).filter((id) => elsewhere.has(id))).toEqual([]);
  });

  it('looks for its recordings in absolute places under the given home', () => {
    const places = agent.places({ home: '/somewhere', platform: 'linux', env: {} });
    expect(places.length).toBeGreaterThan(0);
    expect(places.every((place) => place.startsWith('/'))).toBe(true);
  });

  it.each([
    '.credentials.json',
    'credentials.json',
    '.claude.json',
    'oauth_creds.json',
    'google_accounts.json',
    'mcp-oauth-tokens.json',
    'auth.json',
    'account.json',
    'secrets.json',
  ])('does not open %s in a folder that was named', (file) => {
    expect(agent.wants(join('/home/ada/.agent', file))).toBe(false);
  });

  it('never throws on foreign bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.string(), (bytes, file) => {
        const sample: FileSample = {
          path: `/x/${file}.jsonl`,
          size: bytes.length,
          head: Buffer.from(bytes),
        };
        agent.detect(sample);
        agent.wants(sample.path);
      }),
      { numRuns: 200 },
    );
  });

  const own = discover([fixtureFolder(name)], AGENTS).sources.find(
    (source) => source.detection.container === 'lines',
  );
  // Databases and documents have no lines.
  if (own === undefined) return;
  const first = readFileSync(own.path, 'utf8').split('\n').slice(0, 3).join('\n');

  it('keeps a line of a kind that it does not know', () => {
    const path = join(temporaryFolder(), own.path.split('/').at(-1)!);
    const noticesWith = (lines: string) => {
      writeFileSync(path, `${lines}\n`);
      const { reports, events } = importAll(path);
      return [reports[0]!.unknown, events.filter(({ kind }) => kind === 'notice').length] as const;
    };
    const [unknown, notices] = noticesWith(first);
    const line = JSON.stringify({ type: 'parade', event_type: 'parade', said: 'a new thing' });
    expect(noticesWith(`${first}\n${line}`)).toEqual([unknown + 1, notices + 1]);
  });

  it('survives JSON values of any shape in its lines', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 8 }), (values) => {
        const folder = temporaryFolder();
        mkdirSync(folder, { recursive: true });
        const path = join(folder, own.path.split('/').at(-1)!);
        writeFileSync(
          path,
          `${first}\n${values.map((value) => JSON.stringify(value)).join('\n')}\n`,
        );
        const { reports } = importAll(path);
        for (const report of reports) expect(report.error).toBeUndefined();
      }),
      { numRuns: 25 },
    );
  });
});
