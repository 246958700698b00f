import { expect, it } from 'vitest';
import { temporaryStore } from '../support/temporary-store.ts';
import { expectSection } from './pages.ts';

/** What each table is for; a table without a line here fails. */
const MEANINGS: Readonly<Record<string, string>> = {
  meta: 'key for redaction placeholders, id of the store',
  sessions: 'sessions; `root` is the session whose trace they belong to; head of the hash chain',
  events: 'facts, never changed',
  operations: 'first and last fact of each operation, kind and parent',
  contents: 'texts as recorded, with their salts',
  owned: 'which session a copied fact belongs to',
  sources: 'how far each file has been read',
  totals: 'cached totals of a session up to a fact',
  metrics: 'cached metrics of a session up to a fact',
  segments: 'bounds of what was sent: operations and facts',
  settled: 'operations that were sent one by one, with their bound',
  destinations: 'names of destinations',
  deliveries: 'how far a destination has taken a trace, and the settings of its first sending',
  refused: 'spans a destination refused for good',
  annotations: 'scores and notes, made after the fact',
  baselines: 'saved baselines',
  leaves: 'leaves of the audit ledger',
  checkpoints: 'signed states of the audit ledger',
  tombstones: 'sessions that were deleted, so that an import does not bring them back',
  holds: 'sessions that must not be deleted, and why',
  leases: 'who is at work on what, while it is',
};

it('docs/store.md lists the tables and columns of a new store', () => {
  const { database } = temporaryStore();
  const names = database
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    )
    .pluck()
    .all() as string[];
  const rows = names.map((name) => {
    expect(MEANINGS[name], `say what the table ${name} is for`).toBeDefined();
    const columns = database.pragma(`table_info(${name})`) as { name: string }[];
    return `| \`${name}\` | ${MEANINGS[name]} | ${columns.map((column) => `\`${column.name}\``).join(' ')} |`;
  });
  expectSection(
    'docs/store.md',
    'tables',
    ['| table | holds | columns |', '| --- | --- | --- |', ...rows].join('\n'),
  );
});
