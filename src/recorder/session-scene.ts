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

/** One conversation with a model: that of a session, or what goes on inside one of its tool calls. */
interface Strand {
  readonly scene: SessionScene;
  /** The tool call; undefined for the session's own strand. */
  readonly key: string | undefined;
  /** The same session's strand that made the tool call. */
  outer: Strand | undefined;
  /** What the tool call was made in, which may be another session's. */
  around: Strand | undefined;
  lastLlm: string | undefined;
  /** Input since the last LLM call: `<role>:<operation key>`. */
  inputs: string[];
}

const MOST_INPUTS = 1000;

const inside = new AsyncLocalStorage<Strand>();

/** Where a session stands: its turn, the input of the next LLM calls, and the keys of new operations. */
export class SessionScene {
  readonly session: string;
  readonly traceId: string;
  turn: string | undefined;
  ended = false;
  /** Runs code that records; a failure there is reported and never reaches the host. */
  readonly safely: (record: () => void) => void;
  readonly #add: (draft: EventDraft) => void;
  readonly #run: string;
  readonly #own: Strand = {
    scene: this,
    key: undefined,
    outer: undefined,
    around: undefined,
    lastLlm: undefined,
    inputs: [],
  };
  #count = 0;

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
    return this.#here().key ?? this.turn;
  }

  /** The LLM call that may have asked for a tool call made here. */
  get lastLlm(): string | undefined {
    return this.#here().lastLlm;
  }

  /** Begins a tool call here; {@link leave} must be told when it is over. */
  enter(key: string): Strand {
    const around = inside.getStore();
    return { scene: this, key, outer: this.#here(), around, lastLlm: undefined, inputs: [] };
  }

  within<T>(strand: Strand, run: () => T): T {
    return inside.run(strand, run);
  }

  /** What the tool returned is input where it was called, and so is a prompt that nobody inside has answered. */
  leave(strand: Strand): void {
    const prompts = strand.inputs.filter((input) => input.startsWith('user:'));
    for (const input of [...prompts, `tool:${strand.key}`]) addTo(strand.outer ?? this.#own, input);
    // A loop that goes on from within each of its calls would otherwise keep all of them in memory.
    strand.outer = undefined;
    strand.around = undefined;
  }

  traceparent(key: string): string {
    return traceparentOf(this.traceId, operationIdOf(this.session, key));
  }

  /** Adds to the input of the next LLM call made here. */
  addInput(role: string, key: string): void {
    addTo(this.#here(), `${role}:${key}`);
  }

  /** Begins an LLM call and returns its input. */
  takeInputs(llm: string): string[] {
    const here = this.#here();
    let taken = here.inputs;
    here.inputs = [];
    // If nothing outside has asked a model, the whole run is in this tool call, and the prompt is for it.
    for (let at = here; at.lastLlm === undefined && at.outer !== undefined; at = at.outer) {
      if (at.outer.lastLlm !== undefined) break;
      taken = [...at.outer.inputs, ...taken];
      at.outer.inputs = [];
    }
    here.lastLlm = llm;
    return taken.slice(-MOST_INPUTS);
  }

  #here(): Strand {
    let at = inside.getStore();
    while (at !== undefined && at.scene !== this) at = at.around;
    return at ?? this.#own;
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

/** If there is very much, the newest is kept: there may never be an LLM call to take it. */
function addTo(strand: Strand, input: string): void {
  strand.inputs.push(input);
  if (strand.inputs.length >= 2 * MOST_INPUTS) strand.inputs = strand.inputs.slice(-MOST_INPUTS);
}
