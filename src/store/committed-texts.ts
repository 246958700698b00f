import { canonicalJson } from '../integrity/canonical-json.ts';
import { commitText, newSalt } from '../integrity/commitment.ts';
import type { TextRoom } from '../integrity/encoding-room.ts';
import type { EventDraft } from '../session/event.ts';
import { SEALED, splitFacts } from './sealed-facts.ts';

/** A text of an event; its commitment is in the header. */
export interface CommittedText {
  readonly name: string;
  readonly media: string;
  readonly salt: Uint8Array;
  /** The text as UTF-8. */
  readonly bytes: Uint8Array;
}

/** The facts and texts of an event in the form needed by header and store, without what depends on its chain. */
export interface CommittedTexts {
  /** Canonical JSON text of the facts in the header. */
  readonly open: string;
  /** The header's member `content`, with a comma before it; empty when there is nothing to commit to. */
  readonly contentMember: string;
  /** The header's member `sealed`, with a comma before it; empty when no fact is sealed. */
  readonly sealedMember: string;
  readonly contents: readonly CommittedText[];
  readonly sealed: CommittedText | undefined;
}

/** A copy that owns its bytes; otherwise they are in memory that is reused, or keep a whole page in memory. */
export function keptTexts(texts: CommittedTexts): CommittedTexts {
  const { contents, sealed } = texts;
  return {
    ...texts,
    contents: contents.map(keptText),
    sealed: sealed === undefined ? undefined : keptText(sealed),
  };
}

function keptText({ salt, bytes, ...text }: CommittedText): CommittedText {
  return { ...text, salt: salt.slice(), bytes: bytes.slice() };
}

interface Commitment extends CommittedText {
  readonly digest: string;
}

/** Splits the facts and commits to the texts. All bytes are in the given room. */
export function commitTexts(draft: EventDraft, room: TextRoom): CommittedTexts {
  const { open, sealed: facts, names } = splitFacts(draft.facts);
  const contents = committedContents(draft, room);
  const sealed =
    facts === undefined
      ? undefined
      : committed(room, SEALED, 'application/json', canonicalJson(facts));
  return {
    open,
    contentMember: contentMember(sealed === undefined ? contents : [...contents, sealed]),
    sealedMember: sealed === undefined ? '' : `,"sealed":${canonicalJson(names)}`,
    contents,
    sealed,
  };
}

function committed(room: TextRoom, name: string, media: string, text: string): Commitment {
  const salt = newSalt();
  const { digest, bytes } = commitText(room, salt, text);
  return { name, media, salt, digest, bytes };
}

/** The contents of a draft; a repeated name counts once. */
function committedContents(draft: EventDraft, room: TextRoom): Commitment[] {
  const contents: Commitment[] = [];
  for (const { name, media, text } of draft.contents ?? []) {
    if (!contents.some((other) => other.name === name))
      contents.push(committed(room, name, media, text));
  }
  return contents;
}

function contentMember(all: readonly Commitment[]): string {
  if (all.length === 0) return '';
  if (all.length === 1) return `,"content":{${contentHeader(all[0]!)}}`;
  const inOrder = [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `,"content":{${inOrder.map(contentHeader).join(',')}}`;
}

function contentHeader({ name, digest, media, bytes }: Commitment): string {
  return `${canonicalJson(name)}:{"commit":"${digest}","media":${canonicalJson(media)},"size":${bytes.length}}`;
}
