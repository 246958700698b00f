import { expect, test } from 'vitest';
import { goose } from '../../../src/agents/goose/goose.ts';
import { ofKind, operationsOf, readDatabase } from '../reading.ts';
import { ledgerRow, message, newDatabase, session, T, text } from './made-database.ts';

test.each([
  ['without a ledger', false, 70],
  ['with a ledger that came later than the first calls', true, 75],
])('a session that was renamed later did not go on until then, %s', (_name, ledger, end) => {
  const { path, database } = newDatabase(ledger);
  session(database, 'pond');
  message(database, 'pond', 'user', 60, [text('Are the geese fed?')]);
  message(database, 'pond', 'assistant', 70, [text('They are.')]);
  if (ledger) ledgerRow(database, 'pond', 75, [10, 5, 15, null, null]);
  database.exec("update sessions set name = 'Geese', updated_at = '2026-12-24 18:00:00'");
  const { events } = readDatabase(goose, path);
  expect(ofKind(operationsOf(events), 'turn')).toHaveLength(1);
  expect(events.some(({ facts }) => facts.usage_basis === 'session_total')).toBe(true);
  expect(Math.max(...events.map(({ atMicros }) => atMicros)) / 1e6 - T).toBe(end);
});
