import { randomBytes } from 'node:crypto';
import { canonicalJson, wellFormed } from '../integrity/canonical-json.ts';
import { type ContentHeader, type EventHeader, type Genesis, SUITE } from '../integrity/chain.ts';
import { commitContent, newSalt } from '../integrity/commitment.ts';
import type { Capture, EventDraft, FactValue } from '../session/event.ts';
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

/** Builds the header that continues the session's chain, and the texts it commits to. */
export function chainedEvent(
  draft: EventDraft,
  { row, operation, parent }: DraftPlace,
): ChainedEvent {
  const { open, sealed: facts } = splitFacts(cleanFacts(draft.facts));
  const contents = committedContents(draft);
  const sealed =
    facts === undefined ? undefined : committed(SEALED, 'application/json', canonicalJson(facts));
  const header: EventHeader = {
    v: 1,
    chain: row.chain,
    n: row.event_count,
    type: draft.kind,
    event_id: wellFormed(draft.eventId),
    op: operation,
    parent,
    session: wellFormed(draft.session),
    lane: draft.lane === undefined || draft.lane === '' ? undefined : wellFormed(draft.lane),
    capture: draft.capture,
    basis: draft.timeBasis,
    ts_us: Math.trunc(draft.atMicros),
    facts: open,
    sealed: facts === undefined ? undefined : Object.keys(facts).sort(),
    content: contentHeaders(contents, sealed),
    prev: row.head_hash,
  };
  return { header, contents, sealed };
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
  const headers: { [name: string]: ContentHeader } = {};
  for (const { name, media, size, commitment } of contents)
    headers[name] = { commit: commitment, media, size };
  if (sealed !== undefined)
    headers[SEALED] = { commit: sealed.commitment, media: sealed.media, size: sealed.size };
  return contents.length === 0 && sealed === undefined ? undefined : headers;
}

/** Facts come from foreign text; whatever a canonical header cannot hold is left out, never a failure. */
function cleanFacts(facts: EventDraft['facts']): { [name: string]: FactValue } {
  const clean: { [name: string]: FactValue } = {};
  for (const name in facts) {
    const value = facts[name];
    if (typeof value === 'string') clean[name] = wellFormed(value);
    else if (typeof value === 'boolean') clean[name] = value;
    else if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) clean[name] = value === 0 ? 0 : value;
    } else if (Array.isArray(value)) clean[name] = value.map((entry) => wellFormed(String(entry)));
  }
  return clean;
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
    agent: typeof agent === 'string' ? agent : undefined,
    blind_spots: BLIND_SPOTS[draft.capture],
    redaction: redaction ?? 'none',
    clock: "the recording computer's clock, not compared with another",
  };
}
