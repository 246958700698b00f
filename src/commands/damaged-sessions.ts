import { AgentStraceError } from '../errors.ts';
import type { RootSession } from '../store/sessions.ts';
import { printable } from '../view/terminal-text.ts';

const MAX_NAMED = 3;

/** Where damaged sessions are noted, so that they do not keep others from being read. */
export interface DamageNotes {
  /**
   * Row numbers of root sessions whose events turned out to be damaged in the store. If absent, damage is an error, as it
   * is where only one session is asked for.
   */
  readonly damaged?: Set<number> | undefined;
}

/** A place to note damaged sessions; none for a single one. */
export function notingDamage(roots: readonly RootSession[]): DamageNotes {
  return { damaged: roots.length > 1 ? new Set() : undefined };
}

/** What `read` returns; undefined for a session that is damaged, which is noted. */
export function unlessDamaged<T>(
  notes: DamageNotes,
  root: RootSession,
  read: () => T,
): T | undefined {
  try {
    return read();
  } catch (error) {
    noteDamage(notes, root, error);
    return undefined;
  }
}

/** Throws any error but damage that may be noted. */
export function noteDamage({ damaged }: DamageNotes, root: RootSession, error: unknown): void {
  const isDamage = error instanceof AgentStraceError && error.code === 'session_damaged';
  if (damaged === undefined || !isDamage) throw error;
  damaged.add(root.id);
}

/** The sessions, and where to find out more. */
export function namedDamage(ids: readonly string[]): string {
  return `${namedSessions(ids)} ("agent-strace verify" lists all damage)`;
}

/** The first session ids, and how many more there are. */
export function namedSessions(ids: readonly string[]): string {
  const shown = ids.slice(0, MAX_NAMED).map((id) => printable(id));
  return ids.length > MAX_NAMED
    ? `${shown.join(', ')} and ${ids.length - MAX_NAMED} more`
    : shown.join(', ');
}
