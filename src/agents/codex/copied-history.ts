import { integerOf, labelOf, textOf } from '../json-values.ts';
import { microsOfSeconds, microsOfUuid7 } from '../timestamps.ts';
import type { Scene } from './scene.ts';

const NEXT_LINE_MICROS = 20_000;

/**
 * Whether the line was copied from another thread. Copies end at the first turn younger than this thread. Ordinals show
 * copies if they continue from the base thread; without ordinals, copies are a burst in the second in which this thread
 * was created.
 */
export function isCopied(scene: Scene): boolean {
  const { state: now, line } = scene;
  if (line.type === 'session_meta') return false;
  if (isImported(scene)) return true;
  if (now.cutBefore !== undefined) {
    if (beginsYoungerTurn(scene)) now.cutBefore = 0;
    return line.numbered && line.ordinal < now.cutBefore;
  }
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
  // A subagent's file need not begin with a copy; only counters in its first instant cannot be its own.
  return copying.sure || (line.type === 'event_msg' && line.payload.type === 'token_count');
}

/** Turns of another agent's session that was imported into this one; they belong to that agent's recordings. */
function isImported({ state: now, line }: Scene): boolean {
  const turn = textOf(line.payload.turn_id);
  if (turn !== undefined) now.imported = turn.startsWith('external-import-turn-');
  return now.imported;
}

function beginsTurn({ line: { type, payload } }: Scene): boolean {
  const kind = payload.type;
  return (
    type === 'turn_context' ||
    (type === 'event_msg' && (kind === 'task_started' || kind === 'turn_started'))
  );
}

function beginsYoungerTurn(scene: Scene): boolean {
  const { forkedAt } = scene.state;
  if (forkedAt === undefined || !beginsTurn(scene)) return false;
  const { turn_id, started_at } = scene.line.payload;
  const begun = microsOfUuid7(labelOf(turn_id, 200)) ?? microsOfSeconds(started_at);
  return begun !== undefined && begun >= forkedAt;
}

function beginsOwnTurn(scene: Scene, forkMicros: number): boolean {
  if (!beginsTurn(scene)) return false;
  const { payload } = scene.line;
  const second = Math.floor(forkMicros / 1_000_000);
  const started = integerOf(payload.started_at);
  if (started !== undefined) return started >= second;
  const made = microsOfUuid7(labelOf(payload.turn_id, 200));
  return made !== undefined && made >= second * 1_000_000;
}
