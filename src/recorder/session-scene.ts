import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContentDraft, EventDraft, EventKind, Facts } from '../session/event.ts';
import { operationIdOf, traceIdOf } from '../session/identifiers.ts';
import { nowMicros } from './measured-call.ts';
import { traceparentOf } from './traceparent.ts';

export interface Statement {
  readonly key: string;
  /** Distinguishes several facts about one operation. */
  readonly part?: string;
  readonly parent?: string | undefined;
  readonly atMicros?: number;
  readonly facts?: Facts;
  readonly contents?: readonly ContentDraft[];
}

/** The tool call that the host's code is running in. */
interface Inside {
  readonly scene: SessionScene;
  readonly key: string;
}

const MOST_INPUTS = 1000;

const inside = new AsyncLocalStorage<Inside>();

/** Where a session stands: its turn, the input of the next LLM call, and the keys of new operations. */
export class SessionScene {
  readonly session: string;
  readonly traceId: string;
  turn: string | undefined;
  ended = false;
  lastLlm: string | undefined;
  /** Runs code that records; a failure there is reported and never reaches the host. */
  readonly safely: (record: () => void) => void;
  readonly #add: (draft: EventDraft) => void;
  readonly #run: string;
  #count = 0;
  /** Input since the last LLM call: `<role>:<operation key>`. */
  #inputs: string[] = [];

  /** `run` is unique to this recorder, so that two programs may write to one session. */
  constructor(
    session: string,
    run: string,
    sink: { add(draft: EventDraft): void; safely(record: () => void): void },
  ) {
    this.session = session;
    this.traceId = traceIdOf(session);
    this.safely = sink.safely;
    this.#run = run;
    this.#add = sink.add;
  }

  /** A key for a new operation. */
  newKey(kind: string): string {
    this.#count += 1;
    return `${kind}:${this.#run}-${this.#count}`;
  }

  /** Parent of a new operation: the tool call it happens in, else the turn, else the session. */
  parent(): string | undefined {
    const here = inside.getStore();
    return here?.scene === this ? here.key : this.turn;
  }

  within<T>(key: string, run: () => T): T {
    return inside.run({ scene: this, key }, run);
  }

  traceparent(key: string): string {
    return traceparentOf(this.traceId, operationIdOf(this.session, key));
  }

  /**
   * Adds to the input of the next LLM call. If there is very much, the newest is kept: there may never be such a call.
   */
  addInput(role: string, key: string): void {
    this.#inputs.push(`${role}:${key}`);
    if (this.#inputs.length >= 2 * MOST_INPUTS) this.#inputs = this.#inputs.slice(-MOST_INPUTS);
  }

  takeInputs(): string[] {
    const taken = this.#inputs.slice(-MOST_INPUTS);
    this.#inputs = [];
    return taken;
  }

  state(kind: EventKind, { key, part, parent, atMicros, facts, contents }: Statement): void {
    this.#add({
      session: this.session,
      kind,
      capture: 'recorder',
      eventId: part === undefined ? key : `${key}/${part}`,
      operationKey: key,
      parentKey: parent,
      atMicros: atMicros ?? nowMicros(),
      timeBasis: 'recorded',
      facts: facts ?? {},
      contents: contents === undefined || contents.length === 0 ? undefined : contents,
    });
  }
}
