import { createHmac } from 'node:crypto';
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import type { ReadResult, SourceContext } from '../agents/agent.ts';
import { AgentStraceError, messageOf } from '../errors.ts';
import type { EventDraft } from '../session/event.ts';
import { inBulk } from '../store/bulk-writing.ts';
import { foreignFailure, openForeignDatabase } from '../store/foreign-database.ts';
import type { Store } from '../store/open-store.ts';
import type { EventWriter } from '../store/write-events.ts';
import {
  type Checkpoint,
  loadCheckpoint,
  prefixHash,
  saveCheckpoint,
  validCheckpoint,
} from './checkpoints.ts';
import type { Source } from './discover.ts';
import { readJsonDocument } from './read-document.ts';
import { fileChunks, readLines, zstdChunks } from './read-lines.ts';
import {
  countBroken,
  countEvent,
  countResult,
  newReport,
  type SourceReport,
  warnIfEmpty,
} from './report.ts';
import { FOLDER_SIDECARS } from './sidecars.ts';
import { splitJson } from './split-json.ts';

/**
 * Each transaction writes pages of all indexes anew: of 500 MB, 1000 facts at a time write 3.6 GB, 4000 write 2.7 GB.
 * More would keep other writers waiting.
 */
const BATCH_EVENTS = 4000;
const BATCH_CHARACTERS = 8 * 1024 * 1024;
/** From so many new bytes on, the store is told that much is coming. */
const BULK_BYTES = 4 * 1024 * 1024;

export interface ImportContext {
  readonly store: Store;
  readonly writer: EventWriter;
  /** Changes drafts before they are stored (`import --redact`). */
  readonly clean?: ((draft: EventDraft) => EventDraft) | undefined;
}

/** Collects drafts and stores them in transactions of bounded size. */
interface Batch {
  add(result: ReadResult): void;
  addEvents(events: readonly EventDraft[]): void;
  flush(): void;
}

function createBatch(context: ImportContext, report: SourceReport): Batch {
  let drafts: EventDraft[] = [];
  let characters = 0;
  const batch: Batch = {
    add(result) {
      countResult(report, result);
      batch.addEvents(result.events);
    },
    addEvents(events) {
      for (const event of events) {
        countEvent(report, event);
        for (const content of event.contents ?? []) characters += content.text.length;
        drafts.push(context.clean === undefined ? event : context.clean(event));
      }
      if (drafts.length >= BATCH_EVENTS || characters >= BATCH_CHARACTERS) batch.flush();
    },
    flush() {
      if (drafts.length === 0) return;
      const result = context.writer.append(drafts);
      report.eventsAdded += result.added;
      report.eventsKnown += result.known;
      report.copies += result.copies;
      for (const session of result.pruned) report.pruned.add(session);
      drafts = [];
      characters = 0;
    },
  };
  return batch;
}

/** Imports what is new in one source. Failures of the source are in the report; a failing store throws. */
export function importSource(context: ImportContext, source: Source): SourceReport {
  const report = newReport(source.path, source.agent.name, source.detection.dialect);
  const { undocumented } = source.detection;
  if (undocumented !== undefined) {
    report.status = 'failed';
    report.error = `nothing of it can be read: ${undocumented}`;
    return report;
  }
  try {
    if (source.detection.container === 'lines') importLines(context, source, report);
    else importWhole(context, source, report);
  } catch (error) {
    if (error instanceof AgentStraceError && error.code === 'unreadable_input') {
      report.status = 'failed';
      report.error = error.message;
    } else if (source.detection.compression !== undefined && !isStoreError(error)) {
      report.status = 'failed';
      report.error = `cannot be decompressed (${messageOf(error)})`;
    } else if (isFileError(error)) {
      report.status = 'failed';
      report.error = `cannot be read (${(error as NodeJS.ErrnoException).code})`;
    } else throw error;
  }
  return report;
}

function isStoreError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return (
    error instanceof AgentStraceError || (typeof code === 'string' && code.startsWith('SQLITE_'))
  );
}

function isFileError(error: unknown): boolean {
  const failure = error as NodeJS.ErrnoException;
  return typeof failure.syscall === 'string' && typeof failure.code === 'string';
}

function contextOf(
  { redactionKey }: Store,
  source: Source,
  kept: string | undefined,
): SourceContext {
  const state = kept === '' ? undefined : kept;
  return {
    path: source.path,
    detection: source.detection,
    state,
    sidecars: FOLDER_SIDECARS,
    nameOf: (text) =>
      createHmac('sha256', redactionKey).update(`fact\n${text}`).digest('hex').slice(0, 16),
  };
}

function importLines(context: ImportContext, source: Source, report: SourceReport): void {
  const file = openSync(source.path, 'r');
  try {
    const found = validCheckpoint(
      loadCheckpoint(context.store, source.path),
      file,
      source.agent.name,
      source.detection.dialect,
    );
    const size = fstatSync(file).size;
    const compressed = source.detection.compression === 'zstd';
    const isRead =
      found !== undefined && (compressed || found.offset === size || found.offset === 0);
    if (isRead && found.size === size) {
      report.status = 'unchanged';
      return;
    }
    // A compressed file cannot be entered in the middle; the store drops what it has.
    const known = compressed ? undefined : found;
    const { offset, line, reached } = writing(context, size - (known?.offset ?? 0), () =>
      readRecords(context, source, report, file, known),
    );
    const fromStart = (known?.offset ?? 0) === 0;
    // A start is stored with the first fact of its session's own: until that comes, the next import reads the start again.
    const again = fromStart && storedNothing(report);
    const from = compressed || again ? 0 : offset;
    saveCheckpoint(context.store, source.path, {
      agent: source.agent.name,
      dialect: source.detection.dialect,
      inode: String(fstatSync(file).ino),
      size,
      offset: from,
      line: again ? 0 : line,
      prefix_hash: prefixHash(file, from),
      state: again ? '' : keptState(report, reached),
    });
    if (fromStart) warnIfEmpty(report, size);
  } finally {
    closeSync(file);
  }
}

function storedNothing({ eventsAdded, eventsKnown, pruned }: SourceReport): boolean {
  return eventsAdded + eventsKnown + pruned.size === 0;
}

/** Facts of a large source are written in bulk; the checkpoint that follows puts all of them on the disk. */
function writing<T>(context: ImportContext, bytes: number, run: () => T): T {
  return bytes < BULK_BYTES ? run() : inBulk(context.store, run);
}

interface Reached {
  readonly offset: number;
  readonly line: number;
  /** State of the reader. */
  readonly reached: string;
}

/** Stores the facts of the records after `known`, of a compressed file of all. */
function readRecords(
  context: ImportContext,
  source: Source,
  report: SourceReport,
  file: number,
  known: Checkpoint | undefined,
): Reached {
  const reader = source.agent.openLines!(contextOf(context.store, source, known?.state));
  const batch = createBatch(context, report);
  let offset = known?.offset ?? 0;
  let read = known?.line ?? 0;
  const compressed = source.detection.compression === 'zstd';
  const chunks = compressed ? zstdChunks(file) : fileChunks(file, offset);
  for (const line of readLines(chunks, offset, read + 1)) {
    const isBlank = line.text !== undefined && line.text.trim() === '';
    const split = line.text === undefined || isBlank ? undefined : splitJson(line.text);
    if (!line.terminated && !isBlank && split?.ok !== true) {
      report.pending = true;
      break;
    }
    for (const piece of split?.pieces ?? [])
      batch.add(reader.read(piece.value, piece.text, line.number));
    if (line.text === undefined) countBroken(report, line.number, 'longer than 64 MiB');
    else if (split?.ok === false) countBroken(report, line.number, split.reason);
    offset = line.endOffset;
    read = line.number;
  }
  const reached = reader.state();
  batch.addEvents(reader.finish());
  batch.flush();
  return { offset, line: read, reached };
}

/** Documents and databases are read whole; the store drops what it has, and `state` skips what is unchanged. */
function importWhole(context: ImportContext, source: Source, report: SourceReport): void {
  const known = loadCheckpoint(context.store, source.path);
  const usable =
    known?.agent === source.agent.name && known.dialect === source.detection.dialect
      ? known
      : undefined;
  const sourceContext = contextOf(context.store, source, usable?.state);
  const batch = createBatch(context, report);
  let reached: string;
  if (source.detection.container === 'document') {
    const whole = source.agent.readDocument!(readJsonDocument(source.path), sourceContext);
    for (const result of whole.results) batch.add(result);
    reached = whole.state();
  } else {
    const database = openForeignDatabase(source.path);
    try {
      const whole = source.agent.readDatabase!(database, sourceContext);
      for (const result of whole.results) batch.add(result);
      reached = whole.state();
    } catch (error) {
      throw (error as { code?: string }).code?.startsWith('SQLITE_') === true
        ? foreignFailure(source.path, error)
        : error;
    } finally {
      database.close();
    }
  }
  batch.flush();
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
  // A database has pages even when it holds nothing yet.
  const isFresh = source.detection.container === 'database' && report.records === 0;
  if (usable === undefined && !isFresh) warnIfEmpty(report, source.size);
}

/** A reader remembers bits of what it read, such as titles: not of sessions that were pruned. */
function keptState({ sessions, pruned }: SourceReport, reached: string): string {
  const isGone = pruned.size > 0 && [...sessions].every((session) => pruned.has(session));
  return isGone ? '' : reached;
}
