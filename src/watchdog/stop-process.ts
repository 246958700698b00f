import { setTimeout as sleep } from 'node:timers/promises';

/** A process and the proof that it is still the same one: its start time, exactly as the system reports it. */
export interface KnownProcess {
  readonly pid: number;
  readonly started: string;
}

/** The system's processes. */
export interface ProcessTable {
  /** Its start time; undefined if it is gone, or a zombie that only waits for its parent. */
  startOf(pid: number): string | undefined;
  /** Its process group; undefined if that cannot be determined. */
  groupOf(pid: number): number | undefined;
  /** Sends a signal; a negative number means a process group. Throws if the system refuses. */
  signal(pid: number, signal: NodeJS.Signals): void;
  readonly ownPid: number;
}

/** What can be done about a process: nothing, or signal it alone, or signal the group it leads. */
export type StopPlan =
  | { readonly to: 'process' | 'group' }
  | { readonly to: 'nothing'; readonly why: 'gone' | 'another_process' | 'own_process' };

export type StopResult =
  | { readonly state: 'terminated' | 'killed' | 'survived'; readonly to: 'process' | 'group' }
  | {
      readonly state: 'untouched';
      readonly why: 'gone' | 'another_process' | 'own_process' | 'not_allowed';
    };

const LOOK_MILLIS = 50;
/** After KILL, a process in the middle of a system call needs a moment to end. */
const LAST_WAIT_MILLIS = 2000;

/** Inspects the process and does nothing to it. */
export function planStop({ pid, started }: KnownProcess, table: ProcessTable): StopPlan {
  if (pid <= 1 || pid === table.ownPid) return { to: 'nothing', why: 'own_process' };
  const now = table.startOf(pid);
  if (now === undefined) return { to: 'nothing', why: 'gone' };
  if (now !== started) return { to: 'nothing', why: 'another_process' };
  // A group with another leader contains processes that the agent did not start, such as the script that runs it.
  const leads = table.groupOf(pid) === pid;
  const wouldStopUs = table.groupOf(table.ownPid) === pid;
  return { to: leads && !wouldStopUs ? 'group' : 'process' };
}

export interface StopOptions {
  readonly graceMillis: number;
  /** Called when the process has been told to end. */
  readonly onSignalled: () => void;
}

/**
 * Ends a process: TERM, then KILL after the grace period. Before each signal, its start time must prove that it is
 * still the same process; no other is ever signalled.
 */
export async function stopProcess(
  process: KnownProcess,
  table: ProcessTable,
  options: StopOptions,
): Promise<StopResult> {
  const plan = planStop(process, table);
  if (plan.to === 'nothing') return { state: 'untouched', why: plan.why };
  const { to } = plan;
  const refused = send(process, table, to, 'SIGTERM');
  if (refused !== undefined) return { state: 'untouched', why: refused };
  options.onSignalled();
  if (await ended(process, table, options.graceMillis)) return { state: 'terminated', to };
  // Since the last look it may have ended, and another process may have got its number.
  if (table.startOf(process.pid) !== process.started) return { state: 'terminated', to };
  send(process, table, to, 'SIGKILL');
  return { state: (await ended(process, table, LAST_WAIT_MILLIS)) ? 'killed' : 'survived', to };
}

function send(
  { pid }: KnownProcess,
  table: ProcessTable,
  to: 'process' | 'group',
  signal: NodeJS.Signals,
): 'gone' | 'not_allowed' | undefined {
  try {
    table.signal(to === 'group' ? -pid : pid, signal);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'not_allowed' : 'gone';
  }
}

async function ended(
  { pid, started }: KnownProcess,
  table: ProcessTable,
  millis: number,
): Promise<boolean> {
  const until = performance.now() + millis;
  for (;;) {
    if (table.startOf(pid) !== started) return true;
    const left = until - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(LOOK_MILLIS, left));
  }
}
