import { describe, expect, it } from 'vitest';
import { attachAttestation } from '../../src/audit/attach-attestation.ts';
import { verdictText } from '../../src/audit/verdict-text.ts';
import { verifyPackage } from '../../src/audit/verify-package.ts';
import { parseCheckpoint } from '../../src/integrity/checkpoint.ts';
import { generateSigningKey } from '../../src/integrity/signing-key.ts';
import { MemoryStore } from './memory-source.ts';
import { opened, packageText, sampleFacts, sampleStore } from './sample-store.ts';

describe('an audit package', () => {
  it('verifies as consistent without any trust input', () => {
    const { text, report } = packageText(sampleStore().source());
    const result = verifyPackage(opened(text));
    expect(result.failures).toEqual([]);
    expect(result).toMatchObject({ verdict: 'consistent', exit: 0, level: 'consistent' });
    expect(result.packageHash).toBe(report.packageHash);
    expect(result.counts).toMatchObject({
      sessions: 3,
      events: 39,
      openSessions: 0,
      disclosed: 24,
      withheld: 0,
    });
  });

  it('is written the same way twice', () => {
    expect(packageText(sampleStore().source()).text).toBe(packageText(sampleStore().source()).text);
  });

  it('reaches the level that the trust input allows', () => {
    const key = generateSigningKey('example.test/store');
    const store = sampleStore();
    const earlier = parseCheckpoint(packageText(store.source()).report.checkpoint)!;
    store.record({ session: 'delta', facts: sampleFacts('delta') });
    const { text } = packageText(store.source(), { keys: [key] });
    expect(verifyPackage(opened(text), { key })).toMatchObject({
      exit: 0,
      verdict: 'signed',
      level: 'signed',
    });
    expect(verifyPackage(opened(text), { key, knownCheckpoint: earlier })).toMatchObject({
      exit: 0,
      level: 'anchored',
      trust: { extendsCheckpoint: earlier.size },
    });
    expect(verifyPackage(opened(text))).toMatchObject({
      exit: 0,
      level: 'consistent',
      warnings: [{ code: 'W_SELF_KEY' }],
    });
    expect(verifyPackage(opened(text), { key, requireLevel: 'timestamped' })).toMatchObject({
      exit: 3,
      codes: ['N_NO_TIME'],
    });
    expect(verifyPackage(opened(text), { key, requireLevel: 'anchored' })).toMatchObject({
      exit: 3,
      codes: ['N_NO_ANCHOR'],
    });
    expect(verifyPackage(opened(text), { requireLevel: 'signed' })).toMatchObject({
      exit: 3,
      codes: ['N_UNSIGNED'],
    });
  });

  it('derives its sections from the events', () => {
    const document = JSON.parse(packageText(sampleStore().source()).text);
    expect(document.counts).toMatchObject({
      sessions: 3,
      events: 39,
      by_type: { tool_call: 9, permission: 3 },
      by_outcome: { ok: 3, error: 3, denied: 3, completed: 3 },
    });
    expect(document.tools_observed).toMatchObject([
      { name: 'Bash', kind: 'function', calls: 6, errors: 0, denied: 3, unanswered: 0 },
      { name: 'docs/search', kind: 'mcp', calls: 3, errors: 3 },
    ]);
    expect(document.models_observed).toMatchObject([
      { id_as_reported: 'model-a', basis: 'response', provider: 'example', calls: 3 },
    ]);
    expect(document.oversight_points.by_kind).toEqual({
      user_instruction: 3,
      approval_granted: 3,
      approval_denied: 3,
    });
    expect(document.risk_signals.by_kind).toEqual({ error: 3, denial: 3 });
    expect(document.sessions[0].events[3].summary).toBe(
      '2026-01-01T00:00:04.000000Z tool_call name=Bash [input 77 bytes disclosed]',
    );
    expect(document.data_categories.map((row: { category: string }) => row.category)).toEqual([
      'command',
      'error',
      'file_path',
      'model_output',
      'prompt',
      'tool_input',
      'tool_output',
    ]);
    expect(document.period).toMatchObject({ first_event_us: 1_767_225_601_000_000 });
    expect(document.retention.floor_date).toBe('2025-10-01');
    expect(document.system.name).toEqual({ basis: 'declared', value: 'Release helper' });
    expect(document.system.owner).toEqual({ basis: 'not declared' });
  });

  it('withholds texts that were not requested or that redaction would change', () => {
    const options = {
      disclose: (_header: unknown, name: string) => name !== 'text',
      touches: (text: string) => text.includes('rm -r'),
    };
    const { text, report } = packageText(sampleStore().source(), options);
    expect(report.withheld).toEqual({ policy: 6, redaction: 3 });
    expect(text).not.toContain('please fix it');
    expect(text).not.toContain('rm -r');
    const result = verifyPackage(opened(text));
    expect(result).toMatchObject({ exit: 0, counts: { withheld: 9, disclosed: 15 } });
    expect(result.warnings.map(({ code }) => code)).toEqual(['W_WITHHELD']);
  });

  it('shows erased contents as erased, because the ledger says so', () => {
    const store = sampleStore();
    store.leaves.push({
      t: 'content_erase',
      session: 'beta',
      from: 0,
      to: 4,
      reason: 'retention',
      actor: 'operator',
    });
    const { text, report } = packageText(store.source());
    expect(report.withheld).toEqual({ erased: 3 });
    expect(verifyPackage(opened(text))).toMatchObject({ exit: 0, counts: { erased: 3 } });
  });

  it('explains sessions that were left out or deleted', () => {
    const store = sampleStore();
    const deleted = store.sessions.pop()!;
    const last = deleted.events.at(-1)!;
    store.leaves.push({
      t: 'session_delete',
      session: 'gamma',
      count: 13,
      hash: last.hash,
      reason: 'retention',
      policy: 'older than 30d',
    });
    const { text } = packageText(
      store.source([{ session: 'alpha', reason: 'outside the period' }]),
    );
    expect(verifyPackage(opened(text))).toMatchObject({
      exit: 0,
      counts: { sessions: 1, excludedSessions: 1, deletedSessions: 1, unexplainedSessions: 0 },
    });
    const { retention, period, completeness } = JSON.parse(text);
    expect(retention).toMatchObject({
      deletions: 1,
      deletion_policies: ['older than 30d'],
      oldest_record_us: period.first_event_us,
    });
    expect(completeness.capture_methods).toEqual(['transcript']);
  });

  it('does not hide that a session was deleted and recorded again', () => {
    const store = sampleStore();
    const before = store.sessions.pop()!;
    const { session } = before.genesis;
    const count = before.events.length;
    const { hash } = before.events.at(-1)!;
    store.leaves.push({ t: 'session_delete', session, count, hash, reason: 'retention' });
    store.record({ session, facts: sampleFacts('other words') });
    const result = verifyPackage(opened(packageText(store.source()).text));
    expect(result).toMatchObject({ exit: 0, counts: { deletedSessions: 0, recordedAnew: 1 } });
    expect(verdictText(result)).toContain('Recorded again after a deletion: 1 time;');
  });

  it('is checked even when a large store was left out', () => {
    const document = JSON.parse(packageText(sampleStore().source()).text);
    const left = (session: number) => ({ reason: 'not selected', session: `s${session}` });
    document.selection.excluded = Array.from({ length: 170_000 }, (_, session) => left(session));
    const text = JSON.stringify(document);
    // None of these is in its ledger, which only shows once all of them were read.
    expect(verifyPackage(opened(text))).toMatchObject({ exit: 1 });
    const attached = attachAttestation(opened(text), { type: 'rfc3161', data: '' });
    expect([...attached].join('').length).toBeGreaterThan(text.length);
  });

  it('reports open and imported sessions and times that go backwards', () => {
    const store = new MemoryStore();
    const facts = sampleFacts('open', false).slice(0, 4);
    facts[3]!.at -= 10_000_000;
    store.record({ session: 'open', origin: 'imported', facts });
    const { text } = packageText(store.source());
    const result = verifyPackage(opened(text));
    expect(result).toMatchObject({ exit: 0, counts: { openSessions: 1, importedSessions: 1 } });
    expect(result.warnings.map(({ code }) => code).sort()).toEqual([
      'W_IMPORTED',
      'W_OPEN',
      'W_TIME_REGRESSION',
    ]);
    expect(JSON.parse(text).sessions[0].health).toEqual({
      status: 'partial',
      reasons: ['imported', 'no_end', 'time_regression', 'unanswered_call'],
    });
  });

  it('does not mistake the times in a subagent\u2019s own file for a clock that went back', () => {
    const store = new MemoryStore();
    const [start, prompt] = sampleFacts('s');
    const at = start!.at - 1;
    store.record({
      session: 's',
      facts: [start!, prompt!, { type: 'subagent_start', id: 'sub', op: 'sub', at }],
    });
    const result = verifyPackage(opened(packageText(store.source()).text));
    expect(result.warnings.map(({ code }) => code)).toEqual(['W_OPEN']);
  });

  it('refuses to vouch for a session that is not in the ledger', () => {
    const store = sampleStore();
    store.leaves.length = 0;
    expect(() => packageText(store.source())).toThrow(/not in the ledger/);
  });
});

describe('negative controls', () => {
  const key = generateSigningKey('example.test/store');
  const { text } = packageText(sampleStore().source(), { keys: [key] });
  const accepted = (changed: string) =>
    expect(verifyPackage(opened(changed, 777), { key })).toMatchObject({
      exit: 0,
      level: 'signed',
    });

  it('accepts the file with different white space', () =>
    accepted(JSON.stringify(JSON.parse(text), undefined, 3)));

  it('accepts the file with its keys in a different order', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, member]) => [name, reversed(member)]),
      );
    };
    accepted(JSON.stringify(reversed(JSON.parse(text))));
  });

  it('ignores signature lines of unknown keys', () => {
    const document = JSON.parse(text);
    for (const attestation of document.attestations) {
      attestation.data += '\u2014 example.test/witness AAAAAAECAwQFBgcICQ==\n';
    }
    accepted(JSON.stringify(document));
  });
});
