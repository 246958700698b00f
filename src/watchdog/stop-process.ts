import { setTimeout as sleep } from 'node:timers/promises';

/** A process and the proof that it is still the same one: when it was started, in the system's own words. */
export interface KnownProcess {
  readonly pid: number;
  readonly started: string;
}

/** The system's processes. */
export interface ProcessTable {
  /** When it was started; undefined when it is gone, or a remnant that only waits for its parent. */
  startOf(pid: number): string | undefined;
  /** Number of its process group; undefined when that cannot be told. */
  groupOf(pid: number): number | undefined;
  /** Throws where the system refuses. A negative number means the group. */
  signal(pid: number, signal: NodeJS.Signals): void;
  readonly ownPid: number;
}

/** What can be done about a process: nothing, or a signal to it alone or to the group that it leads. */
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
/** After KILL a process that is in the middle of a system call needs a moment. */
const LAST_WAIT_MILLIS = 2000;

/** Looks at the process and touches nothing. */
export function planStop({ pid, started }: KnownProcess, table: ProcessTable): StopPlan {
  if (pid <= 1 || pid === table.ownPid) return { to: 'nothing', why: 'own_process' };
  const now = table.startOf(pid);
  if (now === undefined) return { to: 'nothing', why: 'gone' };
  if (now !== started) return { to: 'nothing', why: 'another_process' };
  // A group that somebody else leads holds what the agent did not start, such as the script that runs it.
  const leads = table.groupOf(pid) === pid;
  const wouldStopUs = table.groupOf(table.ownPid) === pid;
  return { to: leads && !wouldStopUs ? 'group' : 'process' };
}

export interface StopOptions {
  readonly graceMillis: number;
  /** The process has been told to end. */
  readonly onTold: () => void;
}

/**
 * Ends a process: TERM, and KILL after the grace time. Before each signal its start time has to prove that it is
 * still that process; nothing else is ever touched.
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
  options.onTold();
  if (await ended(process, table, options.graceMillis)) return { state: 'terminated', to };
  // It may have ended, and its number may have been given away, since the last look.
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
