import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { asked, event, meta } from '../agents/codex/rollout-lines.ts';
import { jsonl } from '../agents/reading.ts';
import { bothVerdicts, hookFact, machine, readDocument } from '../support/audit-cli.ts';

/** The oversight points of a package of everything in the store, as kind, actor and claim. */
async function oversight(at: ReturnType<typeof machine>) {
  const { code, stderr } = await at.run('export', '--all', '-f', 'eu-ai-act', '-o', 'p.json');
  expect(code, stderr).toBe(0);
  expect(await bothVerdicts(at, at.path('p.json'))).toMatchObject({ exit: 0 });
  return readDocument(at.path('p.json')).oversight_points.listed.map(
    (entry: { kind: string; actor_kind: string; actor_claim?: string }) =>
      [entry.kind, entry.actor_kind, entry.actor_claim].join(' ').trim(),
  );
}

it.each([
  ['interrupted', 'human_interrupt human'],
  ['budget_limited', 'automatic_block automatic rule'],
])('a turn that Codex ended as %s, with the call that still ran, is: %s', async (reason, point) => {
  const at = machine();
  const lines = [
    meta(),
    event(1, 'task_started', { turn_id: 't1' }),
    asked(2, 'c1', 'shell'),
    event(9, 'turn_aborted', { turn_id: 't1', reason }),
  ];
  const file = at.path('rollout-2026-09-20T12-00-00-thread-1.jsonl');
  writeFileSync(file, jsonl(lines));
  expect((await at.run('import', file)).code).toBe(0);
  expect(await oversight(at)).toEqual([point, point]);
});

it('what a program aborted in itself is no decision of a person', async () => {
  const at = machine();
  const session = 'aaaaaaaa-0000-4000-8000-000000000001';
  const facts = { outcome: 'interrupted' };
  at.write(
    hookFact(session, 'session_start', 0, { capture: 'recorder' }),
    hookFact(session, 'tool_result', 1, { capture: 'recorder', facts }),
    hookFact(session, 'turn_end', 2, { capture: 'recorder', facts }),
  );
  expect(await oversight(at)).toEqual(['operator_stop unknown', 'operator_stop unknown']);
});
