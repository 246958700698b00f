import type { JsonObject } from '../json-values.ts';

/** A part with the times of its row, if it has one. */
export interface PartRecord {
  readonly id: string;
  readonly data: JsonObject;
  readonly createdMicros: number | undefined;
  readonly updatedMillis: number;
}

/** A message of the generations with `role` (JSON tree, 1.x database), with its parts in order. */
export interface MessageRecord {
  readonly id: string;
  readonly data: JsonObject;
  readonly parts: readonly PartRecord[];
  readonly createdMicros: number;
  readonly updatedMillis: number;
  /** A later message exists: this one will not change any more. */
  readonly settled: boolean;
  /** It belongs to the open turn and does not end it: what it answers opened no turn. */
  readonly inTurn?: boolean;
}
