import type { Destination } from '../../exporters/destination.ts';
import type { RootSession } from '../../store/sessions.ts';
import { formatDuration } from '../../view/format.ts';
import type { Rebase } from './rebase.ts';

/** Sessions with spans that a destination will drop because they are too old. */
export interface TooOld {
  readonly sessions: number;
  readonly of: number;
  /** Of the oldest span, in microseconds. */
  readonly oldestMicros: number;
  readonly limitMicros: number;
}

/** Compares the times that will be sent with the maximum age that the destination accepts. */
export function tooOld(
  destination: Destination,
  roots: readonly RootSession[],
  rebase: Rebase,
  nowMicros: number,
): TooOld | undefined {
  if (destination.maxAgeMillis === undefined) return undefined;
  const limitMicros = destination.maxAgeMillis * 1000;
  let oldestMicros = 0;
  let sessions = 0;
  for (const root of roots) {
    const age = nowMicros - (root.firstMicros + rebase(root));
    if (age > limitMicros) sessions++;
    oldestMicros = Math.max(oldestMicros, age);
  }
  return sessions === 0 ? undefined : { sessions, of: roots.length, oldestMicros, limitMicros };
}

/** The warning, with what can be done. */
export function tooOldSentence(destination: Destination, found: TooOld, rebased: boolean): string {
  const { sessions, of, oldestMicros, limitMicros } = found;
  const which = of === 1 ? 'the session has' : `${sessions} of ${of} sessions have`;
  const help = rebased
    ? 'a session this long cannot be shown there completely'
    : '--rebase-time now shifts each session so that it ends now';
  return `${destination.name}: ${which} spans older than ${formatDuration(limitMicros)}, which are dropped there, often with a success status; the oldest is from ${formatDuration(oldestMicros)} ago. ${help[0]!.toUpperCase()}${help.slice(1)}.`;
}
