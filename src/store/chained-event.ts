import { randomBytes } from 'node:crypto';
import { canonicalJson, wellFormed } from '../integrity/canonical-json.ts';
import { type ContentHeader, type EventHeader, type Genesis, SUITE } from '../integrity/chain.ts';
import { commitContent, newSalt } from '../integrity/commitment.ts';
import type { Capture, EventDraft } from '../session/event.ts';
import { VERSION } from '../version.ts';
import { SEALED, splitFacts } from './sealed-facts.ts';
import type { SessionRow } from './write-statements.ts';

/** A text of an event with what binds it to the header. */
export interface CommittedText {
  readonly name: string;
  readonly media: string;
  readonly text: string;
  readonly salt: Uint8Array;
  /** UTF-8 bytes. */
  readonly size: number;
  readonly commitment: string;
}

/** An event as it will be hashed and stored. */
export interface ChainedEvent {
  readonly header: EventHeader;
  readonly contents: readonly CommittedText[];
  readonly sealed: CommittedText | undefined;
}

/** Where the draft's operation lies; both identifiers are 16 hex digits. */
export interface DraftPlace {
  readonly row: SessionRow;
  readonly operation: string;
  readonly parent: string | undefined;
}

/**
 * Builds the header that continues the session's chain, and the texts it commits to. Members are made in the order of
 * canonical JSON, at every level.
 */
export function chainedEvent(
  draft: EventDraft,
  { row, operation, parent }: DraftPlace,
): ChainedEvent {
  const { open, sealed: facts, names } = splitFacts(draft.facts);
  const contents = committedContents(draft);
  const sealed =
    facts === undefined ? undefined : committed(SEALED, 'application/json', canonicalJson(facts));
  const header: EventHeader = {
    basis: draft.timeBasis,
    capture: draft.capture,
    chain: row.chain,
    content: contentHeaders(contents, sealed),
    event_id: wellFormed(draft.eventId),
    facts: open,
    lane: draft.lane === undefined || draft.lane === '' ? undefined : wellFormed(draft.lane),
    n: row.event_count,
    op: operation,
    parent,
    prev: row.head_hash,
    sealed: facts === undefined ? undefined : names,
    session: draft.session === row.session_id ? row.session_id : wellFormed(draft.session),
    ts_us: Math.trunc(draft.atMicros),
    type: draft.kind,
    v: 1,
  };
  return { header, contents, sealed };
}

/**
 * The header's canonical text. Made in that order from clean values, it is what JSON.stringify writes, which is several
 * times faster. Names like `7`, which JavaScript puts elsewhere, never stand in a header.
 */
export function headerText(header: EventHeader): string {
  return Number.isSafeInteger(header.ts_us) ? JSON.stringify(header) : canonicalJson(header);
}

function committed(name: string, media: string, text: string): CommittedText {
  const salt = newSalt();
  return {
    name,
    media,
    text,
    salt,
    size: Buffer.byteLength(text),
    commitment: commitContent(salt, text),
  };
}

/** A name that comes twice counts once. */
function committedContents(draft: EventDraft): CommittedText[] {
  const contents: CommittedText[] = [];
  for (const { name, media, text } of draft.contents ?? []) {
    if (!contents.some((other) => other.name === name))
      contents.push(committed(name, media, wellFormed(text)));
  }
  return contents;
}

function contentHeaders(
  contents: readonly CommittedText[],
  sealed: CommittedText | undefined,
): EventHeader['content'] {
  const all = sealed === undefined ? contents : [...contents, sealed];
  if (all.length === 0) return undefined;
  const inOrder = all.length === 1 ? all : [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
  const headers: { [name: string]: ContentHeader } = {};
  for (const { name, media, size, commitment } of inOrder)
    headers[name] = { commit: commitment, media, size };
  return headers;
}

/** What each way of capturing cannot see, as every package says. */
const BLIND_SPOTS: Readonly<Record<Capture, readonly string[]>> = {
  transcript: [
    'what the agent did not write into its transcript',
    'changes to the transcript before it was imported',
    'what programs started by tools did, and network traffic',
  ],
  import: [
    'what the recording that was imported does not hold',
    'changes to the recording before it was imported',
    'what programs started by tools did, and network traffic',
  ],
  hook: [
    'what the agent does not call hooks for, such as model requests',
    'times in which the hooks were not installed or could not run',
    'what programs started by tools did, and network traffic',
  ],
  recorder: [
    'what the recording program did not report',
    'what programs started by tools did, and network traffic',
  ],
};

/** The start of a session's chain. `redaction`: digest of the rules applied before storing. */
export function genesisOf(
  draft: EventDraft,
  session: string,
  store: string,
  redaction: string | undefined,
): Genesis {
  const agent = draft.facts['agent'];
  return {
    v: 1,
    suite: SUITE,
    chain: randomBytes(16).toString('hex'),
    session,
    root_session: wellFormed(draft.rootSession ?? draft.session),
    store,
    started_us: Date.now() * 1000,
    origin: draft.capture === 'hook' || draft.capture === 'recorder' ? 'recorded' : 'imported',
    recorder: { name: 'agent-strace', version: VERSION },
    agent: typeof agent === 'string' ? wellFormed(agent) : undefined,
    blind_spots: BLIND_SPOTS[draft.capture],
    redaction: redaction ?? 'none',
    clock: "the recording computer's clock, not compared with another",
  };
}
