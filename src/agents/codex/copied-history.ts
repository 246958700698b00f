import { integerOf, labelOf, textOf } from '../json-values.ts';
import { microsOfUuid7 } from '../timestamps.ts';
import type { Scene } from './scene.ts';

const NEXT_LINE_MICROS = 20_000;

/**
 * True when the line was copied from another thread. Exact where ordinals say so. Without them copied lines are
 * a burst in the second in which the thread was made, ended by the first turn that is younger than the thread.
 */
export function isCopied(scene: Scene): boolean {
  const { state: now, line } = scene;
  if (line.type === 'session_meta') return false;
  if (isImported(scene)) return true;
  if (now.cutBefore !== undefined) return line.numbered && line.ordinal < now.cutBefore;
  const copying = now.copying;
  if (copying === undefined) return false;
  const inBurst =
    Math.floor(line.atMicros / 1_000_000) === copying.second ||
    line.atMicros - copying.lastAt <= NEXT_LINE_MICROS;
  if (!inBurst || beginsOwnTurn(scene, copying.forkMicros)) {
    now.copying = undefined;
    return false;
  }
  copying.lastAt = line.atMicros;
  // A subagent's file need not begin with a copy; only counters cannot be its own in its first instant.
  return copying.sure || (line.type === 'event_msg' && line.payload.type === 'token_count');
}

/** Turns of another agent's session that was taken over into this one; they are that agent's recordings. */
function isImported({ state: now, line }: Scene): boolean {
  const turn = textOf(line.payload.turn_id);
  if (turn !== undefined) now.imported = turn.startsWith('external-import-turn-');
  return now.imported;
}

function beginsOwnTurn(scene: Scene, forkMicros: number): boolean {
  const { type, payload } = scene.line;
  const kind = payload.type;
  const names =
    type === 'turn_context' ||
    (type === 'event_msg' && (kind === 'task_started' || kind === 'turn_started'));
  if (!names) return false;
  const second = Math.floor(forkMicros / 1_000_000);
  const started = integerOf(payload.started_at);
  if (started !== undefined) return started >= second;
  const made = microsOfUuid7(labelOf(payload.turn_id, 200));
  return made !== undefined && made >= second * 1_000_000;
}
