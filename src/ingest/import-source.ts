import { closeSync, statSync } from 'node:fs';
import type { SourceContext, WholeSource } from '../agents/agent.ts';
import type { EventDraft } from '../session/event.ts';
import { BULK_BYTES, inBulk, TRANSACTION_BYTES, TRANSACTION_FACTS } from '../store/bulk-writing.ts';
import type { EventWriter } from '../store/event-writer.ts';
import { foreignFailure, openForeignDatabase } from '../store/foreign-database.ts';
import type { Store } from '../store/open-store.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoints.ts';
import type { Source } from './discover.ts';
import { endLines, keptState } from './end-lines.ts';
import { readJsonDocument } from './read-document.ts';
import { openLines, readRecords, sourceContextOf, whyUnread } from './read-records.ts';
import { guardedWhole, ofReader } from './reader-failures.ts';
import {
  countResult,
  countStored,
  markFailed,
  newReport,
  type SourceReport,
  warnIfEmpty,
} from './report.ts';

export interface ImportContext {
  readonly store: Store;
  readonly writer: EventWriter;
  /** Changes drafts before they are stored (`import --redact`). */
  readonly clean?: ((draft: EventDraft) => EventDraft) | undefined;
}

/** Collects drafts and stores them in transactions of bounded size. */
interface Batch {
  add(events: readonly EventDraft[]): void;
  flush(): void;
}

function createBatch(context: ImportContext, report: SourceReport): Batch {
  let drafts: EventDraft[] = [];
  let characters = 0;
  const batch: Batch = {
    add(events) {
      for (const event of events) {
        for (const content of event.contents ?? []) characters += content.text.length;
        drafts.push(context.clean === undefined ? event : context.clean(event));
      }
      if (drafts.length >= TRANSACTION_FACTS || characters >= TRANSACTION_BYTES) batch.flush();
    },
    flush() {
      if (drafts.length === 0) return;
      countStored(report, context.writer.append(drafts));
      drafts = [];
      characters = 0;
    },
  };
  return batch;
}

/** Stores everything read through the batch; what was read before damage is stored too. */
function storingAll<T>(batch: Batch, source: Source, read: () => T): T {
  try {
    const result = read();
    batch.flush();
    return result;
  } catch (error) {
    if (whyUnread(error, source) !== undefined) batch.flush();
    throw error;
  }
}

/** Imports what is new in one source. Failures of the source are in the report; a failing store throws. */
export function importSource(context: ImportContext, source: Source): SourceReport {
  const report = newReport(source.path, source.agent.name, source.detection.dialect);
  const { undocumented } = source.detection;
  if (undocumented !== undefined) {
    markFailed(report, `none of it can be read: ${undocumented}`);
    return report;
  }
  try {
    if (source.detection.container === 'lines') importLines(context, source, report);
    else importWhole(context, source, report);
  } catch (error) {
    const why = whyUnread(error, source);
    if (why === undefined) throw error;
    markFailed(report, why);
  }
  return report;
}

function importLines(context: ImportContext, source: Source, report: SourceReport): void {
  const { store } = context;
  const opened = openLines(source, loadCheckpoint(store, source.path));
  if (opened === undefined) {
    report.status = 'unchanged';
    return;
  }
  try {
    const batch = createBatch(context, report);
    const read = () =>
      storingAll(batch, source, () => readRecords(store, opened, report, batch.add));
    const isMuch = opened.size - (opened.known?.offset ?? 0) >= BULK_BYTES;
    const reached = isMuch ? inBulk(store, read) : read();
    endLines({ store, isRedacted: context.clean !== undefined }, source, report, reached);
  } finally {
    closeSync(opened.file);
  }
}

/** Documents and databases are read whole; the store drops what it already has, and `state` skips what is unchanged. */
function importWhole(context: ImportContext, source: Source, report: SourceReport): void {
  const known = loadCheckpoint(context.store, source.path);
  const usable =
    known?.agent === source.agent.name && known.dialect === source.detection.dialect
      ? known
      : undefined;
  const sourceContext = sourceContextOf(context.store, source, usable?.state);
  const batch = createBatch(context, report);
  const takeAll = (whole: WholeSource): string => {
    for (const result of whole.results) {
      countResult(report, result);
      batch.add(result.events);
    }
    return whole.state();
  };
  const reached = storingAll(batch, source, () =>
    source.detection.container === 'document'
      ? takeAll(fromDocument(source, sourceContext))
      : fromDatabase(source, sourceContext, takeAll),
  );
  const state = keptState(report, reached);
  const stat = statSync(source.path);
  saveCheckpoint(context.store, source.path, {
    agent: source.agent.name,
    dialect: source.detection.dialect,
    inode: String(stat.ino),
    size: stat.size,
    offset: 0,
    line: 0,
    prefix_hash: '',
    state,
  });
  if (report.records === 0 && usable !== undefined) report.status = 'unchanged';
  // A database has pages even when it is still empty.
  const isFresh = source.detection.container === 'database' && report.records === 0;
  if (usable === undefined && !isFresh) warnIfEmpty(report, source.size);
}

function fromDocument(source: Source, sourceContext: SourceContext): WholeSource {
  const value = readJsonDocument(source.path);
  return guardedWhole(
    ofReader(() => source.agent.readDocument!(value, sourceContext)),
    ofReader,
  );
}

/**
 * Runs `take` on a database. Failures of that database are explained; failures of our store, in `take`, are passed on.
 */
function fromDatabase(
  source: Source,
  sourceContext: SourceContext,
  take: (whole: WholeSource) => string,
): string {
  const explained = <T>(run: () => T): T => {
    try {
      return ofReader(run);
    } catch (error) {
      const { code } = error as { code?: string };
      throw code?.startsWith('SQLITE_') === true ? foreignFailure(source.path, error) : error;
    }
  };
  const database = openForeignDatabase(source.path);
  try {
    const whole = explained(() => source.agent.readDatabase!(database, sourceContext));
    return take(guardedWhole(whole, explained));
  } finally {
    database.close();
  }
}
