import type { Store } from './open-store.ts';

/** The agent's process as a hook recorded it, with the proof that it is still the same one. */
export interface RecordedProcess {
  readonly pid: number;
  readonly started: string;
}

/** The process that worked on a session last; undefined where no hook recorded one. Reads the session's own facts. */
export function agentProcessOf(store: Store, root: number): RecordedProcess | undefined {
  const row = store.database
    .prepare<[number, number], { pid: unknown; started: unknown }>(
      `SELECT json_extract(header, '$.facts.agent_pid') AS pid, json_extract(header, '$.facts.agent_pid_started') AS started
       FROM events WHERE root = ? AND +session = ? AND kind IN ('session_start', 'session_info')
         AND json_extract(header, '$.facts.agent_pid') IS NOT NULL
       ORDER BY at_us DESC, seq DESC LIMIT 1`,
    )
    .get(root, root);
  if (row === undefined || !Number.isSafeInteger(row.pid) || typeof row.started !== 'string')
    return undefined;
  return { pid: row.pid as number, started: row.started };
}
