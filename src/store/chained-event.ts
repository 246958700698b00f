import { randomBytes } from 'node:crypto';
import { canonicalJson, wellFormed } from '../integrity/canonical-json.ts';
import { type EventHeader, type Genesis, hashedHeader, SUITE } from '../integrity/chain.ts';
import type { EncodingRoom } from '../integrity/encoding-room.ts';
import type { Capture, EventDraft } from '../session/event.ts';
import { VERSION } from '../version.ts';
import type { CommittedTexts } from './committed-texts.ts';
import type { SessionRow } from './write-statements.ts';

/** An event ready to be stored. */
export interface ChainedEvent {
  /** Canonical JSON text of its {@link EventHeader} as UTF-8; a view of the given room. */
  readonly header: Uint8Array;
  readonly hash: string;
  readonly eventId: string;
  readonly atMicros: number;
}

/** Where the operation of a draft belongs; both identifiers are 16 hex digits. */
export interface DraftPlace {
  readonly row: SessionRow;
  readonly operation: string;
  readonly parent: string | undefined;
}

/**
 * Builds the header that continues the session's chain. Writes the members directly in the order of canonical JSON: 0.8
 * µs per event, where serialising an object takes 1.9 µs. @throws TypeError when the time is not a safe integer.
 */
export function chainedEvent(
  draft: EventDraft,
  { open, contentMember, sealedMember }: CommittedTexts,
  { row, operation, parent }: DraftPlace,
  room: EncodingRoom,
): ChainedEvent {
  const eventId = wellFormed(draft.eventId);
  const atMicros = Math.trunc(draft.atMicros) + 0; // never -0
  const session = draft.session === row.session_id ? row.session_id : wellFormed(draft.session);
  const lane = draft.lane === undefined || draft.lane === '' ? undefined : wellFormed(draft.lane);
  let header = `{"basis":${canonicalJson(draft.timeBasis)},"capture":${canonicalJson(draft.capture)}`;
  header += `,"chain":"${row.chain}"${contentMember}`;
  header += `,"event_id":${canonicalJson(eventId)},"facts":${open}`;
  if (lane !== undefined) header += `,"lane":${canonicalJson(lane)}`;
  header += `,"n":${row.event_count},"op":"${operation}"`;
  if (parent !== undefined) header += `,"parent":"${parent}"`;
  header += `,"prev":"${row.head_hash}"${sealedMember}`;
  header += `,"session":${canonicalJson(session)},"ts_us":${canonicalJson(atMicros)}`;
  header += `,"type":${canonicalJson(draft.kind)},"v":1}`;
  const { hash, bytes } = hashedHeader(room, header);
  return { header: bytes, hash, eventId, atMicros };
}

/** What each capture method cannot see; part of every genesis and so of every package. */
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

/** Genesis of a session's chain. `redaction`: digest of the rules applied before storing. */
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
