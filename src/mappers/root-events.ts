import type { Attributes, AttributeValue } from './mapper.ts';

/** Number of events that the root keeps, and that each `session/part-N` span after it takes. */
const EVENTS_PER_SPAN = 500;
/** Approximate size of an event and of an attribute, without their texts. */
const EVENT_BYTES = 24;
const ATTRIBUTE_BYTES = 16;

export interface PlacedEvent {
  readonly name: string;
  /** Microseconds since the epoch. */
  readonly micros: number;
  readonly attributes: Attributes;
}

/** A full page of events that does not fit on the root. */
export interface EventPart {
  /** Starts with 1. */
  readonly number: number;
  readonly events: readonly PlacedEvent[];
}

/**
 * Collects root events in bounded memory: the first page is kept for the root, later ones are returned as they fill
 * up.
 */
export class RootEvents {
  readonly #maxBytes: number;
  readonly #kept: PlacedEvent[] = [];
  #isRootFull = false;
  #page: PlacedEvent[] = [];
  /** Bytes left on the page being filled. */
  #room: number;
  #number = 0;

  /** A page also counts as full at about `maxBytes` of events; a larger event gets a page to itself. */
  constructor(maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes;
    this.#room = maxBytes;
  }

  /** Adds an event; returns a part when that filled one. */
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

  /** The last, partly filled part (if any) and the root's own events, both in order of time. */
  finish(): { readonly part: EventPart | undefined; readonly root: readonly PlacedEvent[] } {
    return { part: this.#endPage(), root: inOrder(this.#kept) };
  }

  /** Returns the page as a part, unless it is the root's or empty. Later events go on a new page. */
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

/** Approximate encoded size of the event. */
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

/** Operations arrive as they complete, but readers expect order of time. The sort is stable. */
function inOrder(events: PlacedEvent[]): PlacedEvent[] {
  return events.sort((a, b) => a.micros - b.micros);
}
