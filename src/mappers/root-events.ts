import type { Attributes } from './mapper.ts';

/** How many events the root keeps, and how many go into each `session/part-N` span after that. */
const EVENTS_PER_SPAN = 500;

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
  readonly #kept: PlacedEvent[] = [];
  #page: PlacedEvent[] = [];
  #number = 0;

  /** Takes one event; returns a part when it filled one. */
  add(event: PlacedEvent): EventPart | undefined {
    if (this.#kept.length < EVENTS_PER_SPAN) {
      this.#kept.push(event);
      return undefined;
    }
    this.#page.push(event);
    return this.#page.length < EVENTS_PER_SPAN ? undefined : this.#takePage();
  }

  /** The last, partly filled part (if any) and the root's own events, all in order of time. */
  finish(): { readonly part: EventPart | undefined; readonly root: readonly PlacedEvent[] } {
    const part = this.#page.length === 0 ? undefined : this.#takePage();
    return { part, root: inOrder(this.#kept) };
  }

  #takePage(): EventPart {
    const events = inOrder(this.#page);
    this.#page = [];
    this.#number += 1;
    return { number: this.#number, events };
  }
}

/** Operations arrive as they complete; readers expect time order. The sort is stable. */
function inOrder(events: PlacedEvent[]): PlacedEvent[] {
  return events.sort((a, b) => a.micros - b.micros);
}
