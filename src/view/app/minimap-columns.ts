import type { TimeScale } from '../time-scale.ts';
import { KIND_LOOKS } from './kinds.ts';
import type { Row } from './row.ts';

/**
 * A lane of the overview: its colour (a custom property) and how busy it was in each column of pixels, 0 to 1 or
 * more.
 */
export interface Lane {
  readonly color: string;
  readonly busy: Float32Array;
}

/** Kinds of the lanes from the top; all others share the one below, in the colour of messages. */
const KINDS: readonly (readonly Row['kind'][])[] = [
  ['llm_call'],
  ['tool_call', 'retrieval'],
  ['subagent'],
];
export const LANE_COUNT = KINDS.length + 1;

const LANE_OF = new Map(KINDS.flatMap((kinds, lane) => kinds.map((kind) => [kind, lane] as const)));

/** The lane in which a row is drawn, 0 at the top. */
export function laneOf(row: Row): number {
  return LANE_OF.get(row.kind) ?? KINDS.length;
}

/** Adds an interval to the columns it covers, each weighted by the covered share. */
function cover(busy: Float32Array, from: number, to: number): void {
  const end = busy.length - 1;
  const last = Math.min(end, Math.floor(to));
  // What happened at the very end belongs to the last column.
  for (let column = Math.min(end, Math.max(0, Math.floor(from))); column <= last; column++) {
    const covered = Math.min(to, column + 1) - Math.max(from, column);
    // Instants must be visible too.
    busy[column] = (busy[column] ?? 0) + (to === from ? 1 : covered);
  }
}

/**
 * How busy each lane was over the session, so that a session of any length fits into `width` columns; without turns.
 */
export function busyColumns(rows: readonly Row[], scale: TimeScale, width: number): Lane[] {
  const lanes = Array.from({ length: LANE_COUNT }, (_, index): Lane => {
    const kind = KINDS[index]?.[0] ?? 'prompt';
    return { color: KIND_LOOKS[kind].color, busy: new Float32Array(width) };
  });
  for (const row of rows) {
    const lane = row.kind === 'turn' ? undefined : lanes[laneOf(row)];
    if (lane === undefined) continue;
    cover(
      lane.busy,
      scale.position(row.startMicros) * width,
      scale.position(row.endMicros) * width,
    );
  }
  return lanes;
}
