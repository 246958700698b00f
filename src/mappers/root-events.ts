import type { Attributes, AttributeValue } from './mapper.ts';

/** How many events the root keeps, and how many go into each `session/part-N` span after that. */
const EVENTS_PER_SPAN = 500;
/** About what an event takes beside its texts, and an attribute. */
const EVENT_BYTES = 24;
const ATTRIBUTE_BYTES = 16;

export interface PlacedEvent {
  readonly name: string;
  /** Microseconds since the epoch. */
  readonly micros: number;
  readonly attributes: Attributes;
}

/** A full page of events that no longer fits on the root. */
export interface EventPart {
  /** 1 for the first. */
  readonly number: number;
  readonly events: readonly PlacedEvent[];
}

/** Gathers root events in bounded memory: the first page stays for the root, the others leave as they fill. */
export class RootEvents {
  readonly #maxBytes: number;
  readonly #kept: PlacedEvent[] = [];
  #isRootFull = false;
  #page: PlacedEvent[] = [];
  /** Bytes that are left on the page that is being filled. */
  #room: number;
  #number = 0;

  /** A page is full with about `maxBytes` of events too; one that is larger alone has a page to itself. */
  constructor(maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes;
    this.#room = maxBytes;
  }

  /** Takes one event; returns a part when it filled one. */
  add(event: PlacedEvent): EventPart | undefined {
    const bytes = this.#maxBytes === Number.POSITIVE_INFINITY ? 0 : bytesOf(event);
    const part = bytes > this.#room ? this.#endPage() : undefined;
    this.#room -= bytes;
    if (this.#isRootFull) {
      this.#page.push(event);
      return this.#page.length < EVENTS_PER_SPAN ? part : this.#endPage();
    }
    this.#kept.push(event);
    return this.#kept.length < EVENTS_PER_SPAN ? part : this.#endPage();
  }

  /** The last, partly filled part (if any) and the root's own events, all in order of time. */
  finish(): { readonly part: EventPart | undefined; readonly root: readonly PlacedEvent[] } {
    return { part: this.#endPage(), root: inOrder(this.#kept) };
  }

  /** The page as a part, where it is one and has events. What follows goes on a new one. */
  #endPage(): EventPart | undefined {
    this.#room = this.#maxBytes;
    this.#isRootFull = true;
    if (this.#page.length === 0) return undefined;
    const events = inOrder(this.#page);
    this.#page = [];
    this.#number += 1;
    return { number: this.#number, events };
  }
}

/** About as many bytes as the event takes encoded. */
function bytesOf({ name, attributes }: PlacedEvent): number {
  let bytes = EVENT_BYTES + Buffer.byteLength(name);
  for (const [key, value] of Object.entries(attributes))
    bytes += ATTRIBUTE_BYTES + Buffer.byteLength(key) + bytesOfValue(value);
  return bytes;
}

function bytesOfValue(value: AttributeValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (!Array.isArray(value)) return 0;
  let bytes = 0;
  for (const item of value as readonly AttributeValue[])
    bytes += ATTRIBUTE_BYTES + bytesOfValue(item);
  return bytes;
}

/** Operations arrive as they complete; readers expect time order. The sort is stable. */
function inOrder(events: PlacedEvent[]): PlacedEvent[] {
  return events.sort((a, b) => a.micros - b.micros);
}
