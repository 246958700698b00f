import type { EventDraft } from '../session/event.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { type RecordedFacts, recordedFacts } from '../store/recorded-facts.ts';
import { drainSpool, spoolDrafts } from '../store/spool.ts';
import { createEventWriter } from '../store/write-events.ts';
import { describeFailure, noteTrouble } from './trouble-log.ts';

const BUSY_MILLIS = 1000;
/** A hook is waited for: what else lies in the spool is left to the next one, or to `import`. */
const MOST_DRAINED = 20;

/** Builds what is to be recorded; `known` is undefined where there is no store to look into. */
export type Build = (known: RecordedFacts | undefined) => readonly EventDraft[];

/**
 * Records facts so that they are on the disk when this returns: in the store, or beside it where the store is locked,
 * full, read-only or of another schema. Throws only when neither is possible. The store stays open where it could be
 * opened: closing it as the last one merges its log, which costs a short process more than recording does.
 */
export function recordFacts(storePath: string, unique: string, build: Build): Store | undefined {
  let store: Store | undefined;
  try {
    store = openStore({ path: storePath, mode: 'write', busyMillis: BUSY_MILLIS, upgrade: false });
    const writer = createEventWriter(store);
    writer.append(build(recordedFacts(store)));
    drainSpool(store, writer, MOST_DRAINED);
  } catch (error) {
    noteTrouble(storePath, `kept beside the store: ${describeFailure(error)}`);
    spoolDrafts(storePath, build(undefined), unique);
  }
  return store;
}
