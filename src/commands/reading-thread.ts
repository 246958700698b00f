import type { Detection } from '../agents/agent.ts';
import type { Checkpoint } from '../ingest/checkpoints.ts';
import type { Reached } from '../ingest/read-records.ts';
import type { ReadCounts } from '../ingest/report.ts';
import type { FactBatch } from '../store/fact-batches.ts';
import type { OptionValues } from './options.ts';
import type { ToldFailure } from './start-thread.ts';

/** A file of lines that is to be read. */
export interface ReadingTask {
  readonly path: string;
  readonly size: number;
  /** Name of the agent that wrote it. */
  readonly agent: string;
  readonly detection: Detection;
  /** Where it was read to the last time. */
  readonly last: Checkpoint | undefined;
}

/** What a thread that reads is started with. */
export interface ReadingStart {
  readonly db: string;
  /** Those that decide how texts are redacted before they are stored. */
  readonly options: OptionValues;
  readonly tasks: readonly ReadingTask[];
  /** One integer: facts handed over that nobody has stored yet. */
  readonly untaken: SharedArrayBuffer;
}

/** What the thread says, file by file in the order of its tasks; `failed` ends it. */
export type ReadingMessage =
  | { readonly type: 'facts'; readonly batch: FactBatch }
  | { readonly type: 'unchanged' }
  | { readonly type: 'end'; readonly counts: ReadCounts; readonly reached: Reached }
  | { readonly type: 'unread'; readonly counts: ReadCounts; readonly why: string }
  | ({ readonly type: 'failed' } & ToldFailure);

/** The thread waits while more than this are untaken. */
export const MOST_UNTAKEN = 6000;
