import { createHmac } from 'node:crypto';
import { closeSync, fstatSync, openSync } from 'node:fs';
import type { SourceContext } from '../agents/agent.ts';
import { AgentStraceError, messageOf } from '../errors.ts';
import type { EventDraft } from '../session/event.ts';
import type { Store } from '../store/open-store.ts';
import { boundsHash, type Checkpoint, validCheckpoint } from './checkpoints.ts';
import type { Source } from './discover.ts';
import { fileChunks, readLines, zstdChunks } from './read-lines.ts';
import { ofReader, readUnlessTooDeep, TOO_DEEP } from './reader-failures.ts';
import { countBroken, countEvents, countResult, type ReadCounts } from './report.ts';
import { FOLDER_SIDECARS } from './sidecars.ts';
import { splitJson } from './split-json.ts';

/** A file of lines with something new. */
export interface OpenedLines {
  readonly source: Source;
  readonly file: number;
  readonly inode: string;
  readonly size: number;
  /** Where to continue; undefined if it is read from its beginning. */
  readonly known: Checkpoint | undefined;
}

/** Where reading of a file of lines ended. */
export interface Reached {
  readonly inode: string;
  /** Size in bytes when the file was opened. */
  readonly size: number;
  /** It was read from its beginning. */
  readonly fromStart: boolean;
  readonly offset: number;
  /** Number of the last complete line before the offset. */
  readonly line: number;
  readonly boundsHash: string;
  /** What the agent's reader needs to continue from there. */
  readonly state: string;
}

/** Opens a file of lines, which the caller must close; undefined if nothing has changed since `last`. */
export function openLines(source: Source, last: Checkpoint | undefined): OpenedLines | undefined {
  const file = openSync(source.path, 'r');
  try {
    const { ino, size } = fstatSync(file);
    const found = validCheckpoint(last, file, source.agent.name, source.detection.dialect);
    const compressed = source.detection.compression === 'zstd';
    const isRead =
      found !== undefined && (compressed || found.offset === size || found.offset === 0);
    if (isRead && found.size === size) {
      closeSync(file);
      return undefined;
    }
    // A compressed file cannot be entered in the middle; the store drops what it already has.
    return { source, file, inode: String(ino), size, known: compressed ? undefined : found };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** What an agent's reader gets to know about a source. `kept` is the reader's state after the source was last read. */
export function sourceContextOf(
  { redactionKey }: Pick<Store, 'redactionKey'>,
  source: Source,
  kept: string | undefined,
): SourceContext {
  return {
    path: source.path,
    detection: source.detection,
    state: kept === '' ? undefined : kept,
    sidecars: FOLDER_SIDECARS,
    nameOf: (text) =>
      createHmac('sha256', redactionKey).update(`fact\n${text}`).digest('hex').slice(0, 16),
  };
}

/** Reads the records of an opened file, yields their facts in order and counts them. */
export function readRecords(
  store: Pick<Store, 'redactionKey'>,
  { source, file, inode, size, known }: OpenedLines,
  counts: ReadCounts,
  take: (events: readonly EventDraft[]) => void,
): Reached {
  const reader = ofReader(() =>
    source.agent.openLines!(sourceContextOf(store, source, known?.state)),
  );
  const from = known?.offset ?? 0;
  counts.continued = from > 0;
  let offset = from;
  let read = known?.line ?? 0;
  const compressed = source.detection.compression === 'zstd';
  const chunks = compressed ? zstdChunks(file) : fileChunks(file, from);
  for (const line of readLines(chunks, from, read + 1)) {
    const isBlank = line.text !== undefined && line.text.trim() === '';
    const split = line.text === undefined || isBlank ? undefined : splitJson(line.text);
    if (!line.terminated && !isBlank && split?.ok !== true) {
      counts.pending = true;
      break;
    }
    for (const piece of split?.pieces ?? []) {
      const result = readUnlessTooDeep(reader, piece, line.number);
      if (result === undefined) countBroken(counts, line.number, TOO_DEEP);
      else {
        countResult(counts, result);
        take(result.events);
      }
    }
    if (line.text === undefined) countBroken(counts, line.number, 'longer than 64 MiB');
    else if (split?.ok === false) countBroken(counts, line.number, split.reason);
    offset = line.endOffset;
    // Facts still to come from an unterminated line belong to that line.
    read = line.terminated ? line.number : line.number - 1;
  }
  const state = ofReader(() => reader.state());
  const last = ofReader(() => reader.finish());
  countEvents(counts, last);
  take(last);
  const upTo = compressed ? 0 : offset;
  return {
    inode,
    size,
    fromStart: from === 0,
    offset: upTo,
    line: read,
    boundsHash: boundsHash(file, upTo),
    state,
  };
}

/** Why a source could not be read, as a message for people; undefined for failures elsewhere. */
export function whyUnread(error: unknown, source: Source): string | undefined {
  if (error instanceof AgentStraceError && error.code === 'unreadable_input') return error.message;
  if (source.detection.compression !== undefined && !isStoreError(error))
    return `cannot be decompressed (${messageOf(error)})`;
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (typeof syscall === 'string' && typeof code === 'string') return `cannot be read (${code})`;
  return undefined;
}

function isStoreError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return (
    error instanceof AgentStraceError || (typeof code === 'string' && code.startsWith('SQLITE_'))
  );
}
