import type { EventDraft } from '../session/event.ts';
import type { CommittedTexts } from './committed-texts.ts';

/** What became of the drafts of one append. */
export interface AppendResult {
  readonly added: number;
  /** Already in the store: read again, changes nothing. */
  readonly known: number;
  /** Belong to another session that brought them first (fork, resume). */
  readonly copies: number;
  /** Root sessions that received something, by native id. */
  readonly touched: ReadonlySet<string>;
  /** Root sessions that were pruned earlier and stay away, by native id. */
  readonly pruned: ReadonlySet<string>;
}

export interface EventWriter {
  /** Stores the drafts in order, in one transaction; all or nothing. */
  append(drafts: Iterable<EventDraft>): AppendResult;
  /** The same with texts that are committed to already; of the facts of a draft only `agent` is looked at. */
  appendCommitted(facts: Iterable<CommittedFact>): AppendResult;
}

/** A fact whose texts are committed to before it has a place in a chain. */
export interface CommittedFact {
  readonly draft: EventDraft;
  readonly texts: CommittedTexts;
}

export interface WriterOptions {
  /** Digest of the redaction rules that drafts went through before; each new chain says so. */
  readonly redaction?: string | undefined;
  /** Bring pruned sessions back. */
  readonly revive?: boolean | undefined;
}
