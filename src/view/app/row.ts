import type { OperationKind } from '../../session/event.ts';
import type { Mark } from '../operation-label.ts';
import type { ViewerRow } from '../viewer-data.ts';

/** A row of the waterfall. Rows stand in tree order, so the rows below one are those up to `subtreeEnd`. */
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
  /** Index of the row above in the tree, or -1. */
  readonly parent: number;
  /** Index after the last row below this one. */
  subtreeEnd: number;
  /** Rows below this one, at any depth, that went wrong. */
  problemsBelow: number;
  readonly container: boolean;
  readonly source: ViewerRow;
  /** Where the details are: block and place in it. */
  readonly block: number;
  readonly place: number;
}
