import type { Detection } from '../../agents/agent.ts';
import type { Checkpoint } from '../../ingest/checkpoints.ts';
import type { Reached } from '../../ingest/read-records.ts';
import type { ReadCounts } from '../../ingest/report.ts';
import type { FactBatch } from '../../store/fact-batches.ts';
import type { OptionValues } from '../options.ts';
import type { ThreadFailure } from './thread-failure.ts';

/** A line-based file to read. */
export interface ReadingTask {
  readonly path: string;
  readonly size: number;
  /** Name of the agent that wrote it. */
  readonly agent: string;
  readonly detection: Detection;
  /** How far it was read the last time. */
  readonly last: Checkpoint | undefined;
}

/** What a reading thread is started with. */
export interface ReadingStart {
  readonly db: string;
  /** The options that decide how texts are redacted before they are stored. */
  readonly options: OptionValues;
  readonly tasks: readonly ReadingTask[];
}

/** Sent after all facts of a file. */
interface AllHandedOver {
  readonly counts: ReadCounts;
  /** Number of facts in the file. */
  readonly facts: number;
}

/** Messages of the thread, file by file in the order of its tasks; `failed` ends it. */
export type ReadingMessage =
  | { readonly type: 'facts'; readonly batch: FactBatch; readonly counts: ReadCounts }
  | { readonly type: 'unchanged' }
  | ({ readonly type: 'end'; readonly reached: Reached } & AllHandedOver)
  | ({ readonly type: 'unread'; readonly why: string } & AllHandedOver)
  | ({ readonly type: 'failed' } & ThreadFailure);

/** The thread waits while more than this is untaken: one batch of the usual size may wait while another is stored. */
export const MOST_UNTAKEN = 10 * 1024 * 1024;
