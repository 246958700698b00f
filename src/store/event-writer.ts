import type { EventDraft } from '../session/event.ts';
import type { CommittedTexts } from './committed-texts.ts';

/** Result of one append. */
export interface AppendResult {
  readonly added: number;
  /** Drafts already in the store, from a source that was read again; they change nothing. */
  readonly known: number;
  /** Drafts that belong to another session, which recorded them first (fork, resume). */
  readonly copies: number;
  /** Native ids of the root sessions that received facts. */
  readonly touched: ReadonlySet<string>;
  /** Native ids of root sessions whose facts were not stored because they had been pruned. */
  readonly pruned: ReadonlySet<string>;
}

export interface EventWriter {
  /** Stores the drafts in order, in one transaction: all or none. */
  append(drafts: Iterable<EventDraft>): AppendResult;
  /** The same for drafts with texts already committed to; of a draft's facts only `agent` is read. */
  appendCommitted(facts: Iterable<CommittedFact>): AppendResult;
}

/** A fact whose texts are committed to before it has a place in a chain. */
export interface CommittedFact {
  readonly draft: EventDraft;
  readonly texts: CommittedTexts;
}

export interface WriterOptions {
  /** Digest of the redaction rules already applied to the drafts; recorded in each new chain. */
  readonly redaction?: string | undefined;
  /** Bring pruned sessions back. */
  readonly revive?: boolean | undefined;
}
