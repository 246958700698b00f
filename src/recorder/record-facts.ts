import { statSync } from 'node:fs';
import type { EventDraft } from '../session/event.ts';
import type { EventWriter } from '../store/event-writer.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { type RecordedFacts, recordedFacts } from '../store/recorded-facts.ts';
import { drainSpool, spoolDrafts } from '../store/spool.ts';
import { createEventWriter } from '../store/write-events.ts';
import { describeFailure, noteTrouble } from './trouble-log.ts';

const BUSY_MILLIS = 1000;
/** The agent waits for a hook: the rest of the spool is left to the next hook or to `import`. */
const MOST_DRAINED = 20;
const MOST_LOG_BYTES = 256 * 1024;

/** Builds what is to be recorded; `known` is undefined if there is no store to look into. */
export type Build = (known: RecordedFacts | undefined) => readonly EventDraft[];

/**
 * Records facts so that they are on disk when this returns: in the store, or beside it if the store is locked, full,
 * read-only or has another schema. Throws only if neither is possible. For a process that ends right afterwards. Facts
 * waiting beside the store are stored first, because `build` may ask for them.
 */
export function recordFacts(storePath: string, unique: string, build: Build): void {
  let store: Store | undefined;
  let writer: EventWriter;
  try {
    store = openStore({ path: storePath, mode: 'write', busyMillis: BUSY_MILLIS, upgrade: false });
    writer = createEventWriter(store);
    const nothingWaits = drained(store, writer);
    writer.append(build(recordedFacts(store, nothingWaits)));
  } catch (error) {
    noteTrouble(storePath, `kept beside the store: ${describeFailure(error)}`);
    releaseRoom(store);
    spoolDrafts(storePath, build(undefined), unique);
    return;
  }
  try {
    mergeLog(store);
  } catch (error) {
    noteTrouble(storePath, `recorded, but: ${describeFailure(error)}`);
  }
}

/** On a full disk, the facts may need the room that SQLite has taken for its files beside the store. */
function releaseRoom(store: Store | undefined): void {
  try {
    store?.close();
  } catch {
    // The facts are kept all the same, if they find room.
  }
}

/** True if everything that was waiting is now in the store. */
function drained(store: Store, writer: EventWriter): boolean {
  try {
    return drainSpool(store, writer, { mostFiles: MOST_DRAINED }).left === 0;
  } catch (error) {
    // The agent is waiting: one long wait for another writer is enough.
    if (String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw error;
    noteTrouble(store.path, `left beside the store: ${describeFailure(error)}`);
    return false;
  }
}

/**
 * The last connection to close merges the write-ahead log, which costs more than recording does; it is worth it only
 * once the log has grown. Without it the log would grow for ever, because no other process knows what was merged.
 */
function mergeLog(store: Store): void {
  const log = statSync(`${store.path}-wal`, { throwIfNoEntry: false });
  if ((log?.size ?? 0) > MOST_LOG_BYTES) store.close();
}
