import { SALT_BYTES } from '../integrity/commitment.ts';
import type { TextRoom } from '../integrity/encoding-room.ts';
import { EVENT_KINDS, type EventDraft } from '../session/event.ts';
import { TRANSACTION_BYTES, TRANSACTION_FACTS } from './bulk-writing.ts';
import { type CommittedText, type CommittedTexts, commitTexts } from './committed-texts.ts';
import type { CommittedFact } from './event-writer.ts';
import { SEALED } from './sealed-facts.ts';

/**
 * Facts on their way from one thread to another, as bytes that are transferred, not copied. Objects would cost as much
 * as storing them, and every garbage collection copies strings that wait in an array.
 */
export interface FactBatch {
  readonly facts: number;
  /** Lengths and positions of the parts of each fact, one after the other. */
  readonly numbers: Float64Array;
  /** Buffers that hold the texts. */
  readonly pages: readonly Uint8Array[];
  /** Bytes of memory it uses. */
  readonly bytes: number;
}

const PAGE_BYTES = 1024 * 1024;
/** A batch holds as much as one transaction. */
const MOST_PAGES = TRANSACTION_BYTES / PAGE_BYTES;
/**
 * Size of the first page of a batch; small, because many files have few facts and a page stays in memory as long as
 * anything in it is used.
 */
const FIRST_PAGE_BYTES = 64 * 1024;
/** Maximum number of UTF-8 bytes per UTF-16 unit. */
const MOST_BYTES = 3;
/**
 * Longer texts (UTF-16 units) are measured first, because reserving three bytes per unit could leave a page half empty.
 */
const MEASURED_UNITS = 64 * 1024;

/** Pages into which bytes are written before they are transferred. */
class Pages implements TextRoom {
  readonly all: Buffer[] = [];
  #used = 0;

  /** Number of the page that contains these bytes. */
  numberOf({ buffer }: Uint8Array): number {
    let number = this.all.length - 1;
    while (this.all[number]!.buffer !== buffer) number--;
    return number;
  }

  encode(before: readonly Uint8Array[], text: string): Buffer {
    let start = 0;
    for (const part of before) start += part.length;
    const { length } = text;
    const page = this.#pageFor(
      start + (length > MEASURED_UNITS ? Buffer.byteLength(text) : length * MOST_BYTES),
    );
    const from = this.#used;
    let at = from;
    for (const part of before) {
      page.set(part, at);
      at += part.length;
    }
    at += page.write(text, at, 'utf8');
    this.#used = at;
    return page.subarray(from, at);
  }

  #pageFor(bytes: number): Buffer {
    const last = this.all.at(-1);
    if (last !== undefined && this.#used + bytes <= last.length) return last;
    const usual = last === undefined ? FIRST_PAGE_BYTES : PAGE_BYTES;
    const page = Buffer.allocUnsafeSlow(Math.max(usual, bytes));
    this.all.push(page);
    this.#used = 0;
    return page;
  }
}

/** Members that are often the same in consecutive facts. */
type Place = Pick<EventDraft, 'session' | 'rootSession' | 'lane' | 'capture' | 'timeBasis'>;

const KINDS = Object.keys(EVENT_KINDS) as EventDraft['kind'][];
/** Length that marks an absent word. */
const NONE = -1;
const NO_FACTS = {};

/** Packs facts into batches, with everything that can be computed before their place in a chain is known. */
export class FactPacker {
  #numbers: number[] = [];
  #pages = new Pages();
  #facts = 0;
  #before: Place | undefined;
  /** The short texts of a fact, joined, because each would otherwise cost one call to write and one to read. */
  #words = '';

  /** True when the batch should be taken. */
  get isFull(): boolean {
    return this.#facts >= TRANSACTION_FACTS || this.#pages.all.length > MOST_PAGES;
  }

  add(draft: EventDraft): void {
    const texts = commitTexts(draft, this.#pages);
    const { contents, sealed } = texts;
    const start = this.#numbers.length;
    this.#numbers.push(0, 0, 0);
    this.#words = '';
    this.#place(draft);
    this.#numbers.push(draft.atMicros, KINDS.indexOf(draft.kind));
    this.#word(draft.eventId);
    this.#word(draft.operationKey);
    this.#word(draft.parentKey);
    this.#word(draft.ownKey);
    const { agent } = draft.facts;
    this.#word(typeof agent === 'string' ? agent : undefined);
    this.#word(texts.open);
    this.#word(texts.contentMember);
    this.#word(texts.sealedMember);
    this.#numbers.push(contents.length);
    for (const text of contents) {
      this.#word(text.name);
      this.#word(text.media);
      this.#bytes(text);
    }
    if (sealed !== undefined) this.#bytes(sealed);
    const words = this.#pages.encode([], this.#words);
    this.#numbers[start] = this.#pages.numberOf(words);
    this.#numbers[start + 1] = words.byteOffset;
    this.#numbers[start + 2] = words.length;
    this.#facts++;
  }

  /** Everything added since the last call; undefined when that is nothing. */
  take(): FactBatch | undefined {
    if (this.#facts === 0) return undefined;
    const numbers = Float64Array.from(this.#numbers);
    const pages = this.#pages.all;
    const bytes = pages.reduce((sum, page) => sum + page.length, numbers.byteLength);
    const batch = { facts: this.#facts, numbers, pages, bytes };
    this.#numbers = [];
    this.#pages = new Pages();
    this.#facts = 0;
    this.#before = undefined;
    return batch;
  }

  /** Written once for consecutive facts with the same place. */
  #place({ session, rootSession, lane, capture, timeBasis }: EventDraft): void {
    const before = this.#before;
    const isSame =
      before !== undefined &&
      session === before.session &&
      rootSession === before.rootSession &&
      lane === before.lane &&
      capture === before.capture &&
      timeBasis === before.timeBasis;
    this.#numbers.push(isSame ? 1 : 0);
    if (isSame) return;
    this.#word(session);
    this.#word(rootSession);
    this.#word(lane);
    this.#word(capture);
    this.#word(timeBasis);
    this.#before = { session, rootSession, lane, capture, timeBasis };
  }

  #word(word: string | undefined): void {
    this.#numbers.push(word === undefined ? NONE : word.length);
    if (word !== undefined) this.#words += word;
  }

  /** Writes the salt directly before the text. */
  #bytes({ salt, bytes }: CommittedText): void {
    const from = bytes.byteOffset - salt.length;
    this.#numbers.push(this.#pages.numberOf(bytes), from, bytes.length);
  }
}

/** Reads a batch from start to end. */
class BatchReader {
  readonly #numbers: Float64Array;
  readonly #pages: readonly Buffer[];
  #at = 0;
  #place: Place | undefined;
  #words = '';
  #wordsRead = 0;

  constructor({ numbers, pages }: FactBatch) {
    this.#numbers = numbers;
    this.#pages = pages.map(({ buffer }) => Buffer.from(buffer));
  }

  draft(): EventDraft {
    const page = this.#pages[this.#number()]!;
    const from = this.#number();
    this.#words = page.toString('utf8', from, from + this.#number());
    this.#wordsRead = 0;
    if (this.#number() === 0)
      this.#place = {
        session: this.#word(),
        rootSession: this.#wordOrNone(),
        lane: this.#wordOrNone(),
        capture: this.#word() as Place['capture'],
        timeBasis: this.#word() as Place['timeBasis'],
      };
    const { session, rootSession, lane, capture, timeBasis } = this.#place!;
    const atMicros = this.#number();
    const kind = KINDS[this.#number()]!;
    const eventId = this.#word();
    const operationKey = this.#word();
    const parentKey = this.#wordOrNone();
    const ownKey = this.#wordOrNone();
    const agent = this.#wordOrNone();
    const facts = agent === undefined ? NO_FACTS : { agent };
    return {
      session,
      rootSession,
      lane,
      kind,
      capture,
      eventId,
      operationKey,
      parentKey,
      atMicros,
      timeBasis,
      facts,
      ownKey,
    };
  }

  /** Texts of the draft that was read last. */
  texts(): CommittedTexts {
    const open = this.#word();
    const contentMember = this.#word();
    const sealedMember = this.#word();
    const contents: CommittedText[] = [];
    for (let left = this.#number(); left > 0; left--)
      contents.push(this.#bytes(this.#word(), this.#word()));
    const sealed = sealedMember === '' ? undefined : this.#bytes(SEALED, 'application/json');
    return { open, contentMember, sealedMember, contents, sealed };
  }

  #number(): number {
    return this.#numbers[this.#at++]!;
  }

  #word(): string {
    return this.#wordOrNone() ?? '';
  }

  #wordOrNone(): string | undefined {
    const length = this.#number();
    if (length === NONE) return undefined;
    this.#wordsRead += length;
    return this.#words.slice(this.#wordsRead - length, this.#wordsRead);
  }

  #bytes(name: string, media: string): CommittedText {
    const { buffer } = this.#pages[this.#number()]!;
    const from = this.#number();
    const salt = new Uint8Array(buffer, from, SALT_BYTES);
    const bytes = new Uint8Array(buffer, from + SALT_BYTES, this.#number());
    return { name, media, salt, bytes };
  }
}

/** Yields the facts of a batch, created one at a time; their texts are views of its pages. */
export function* unpack(batch: FactBatch): Generator<CommittedFact> {
  const reader = new BatchReader(batch);
  for (let fact = 0; fact < batch.facts; fact++)
    yield { draft: reader.draft(), texts: reader.texts() };
}
