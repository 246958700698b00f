import type { OperationKind } from '../../session/event.ts';
import type { Mark } from '../operation-label.ts';
import type { ViewerRow } from '../viewer-data.ts';

/** A row of the waterfall. Rows are in tree order, so the rows inside one are those up to `subtreeEnd`. */
export interface Row {
  readonly index: number;
  readonly id: string;
  readonly kind: OperationKind;
  readonly mark: Mark;
  readonly name: string;
  about: string;
  readonly startMicros: number;
  readonly endMicros: number;
  readonly depth: number;
  /** Index of the parent row, or -1. */
  readonly parent: number;
  /** Index after the last row inside this one. */
  subtreeEnd: number;
  /** Number of rows inside this one, at any depth, that went wrong. */
  problemsBelow: number;
  readonly container: boolean;
  readonly source: ViewerRow;
  /** Where the details are: a block and the position in it. */
  readonly block: number;
  readonly place: number;
}
