import type { TimeBasis } from '../../session/event.ts';
import { objectOf, parsedJson } from '../json-values.ts';
import type { TokenCounts } from './token-counts.ts';
import type { ToolOutput } from './tool-output.ts';

/** A call whose result may still come, or that another record may describe again. */
export interface KnownCall {
  /** Digest of name and input: the same id with another digest is another call. */
  readonly digest: string;
  /** How many different calls had the id so far. */
  readonly uses: number;
  /** Operation key, `tool:<call id>`. */
  readonly key: string;
  /** The model's own request was seen, so its output line carries the text. */
  readonly requested: boolean;
  /** Its result may name a thread that it started. */
  readonly spawns?: boolean | undefined;
  /** It asks something of other agents, so its result may be their manager's refusal. */
  readonly collaborates?: boolean | undefined;
  /** The turn in which its result is awaited. */
  pendingIn?: string | undefined;
  /** When it ended, where a record of its own has told; its output is written once all calls of its response are done. */
  ended?: RecordedEnd | undefined;
}

export interface RecordedEnd {
  readonly atMicros: number;
  readonly timeBasis: TimeBasis;
  /** How long it took is recorded too. */
  readonly timed: boolean;
}

/** A call that may only be the wrapper of several commands; decided when its script is over. */
export interface HeldCall {
  readonly callId: string;
  /** `exec`, or the `wait` for its script; states that were kept before this was known lack it. */
  readonly name?: string | undefined;
  /** The number under which its script goes on after an output. */
  readonly cell?: string | undefined;
  /** What the model was given while the script went on. */
  readonly given?: { readonly output: ToolOutput; readonly atMicros: number } | undefined;
  readonly atMicros: number;
  readonly input: string;
  readonly items: number;
  /** The response that asked for it; states that were kept before this was known lack it. */
  readonly llm?: string | undefined;
}

export interface OpenResponse {
  readonly key: string;
  readonly startedAt: number;
  /** Time of its last part; states that were kept before this was known lack it. */
  lastAt?: number | undefined;
  lastBasis?: TimeBasis | undefined;
  readonly inputs: readonly string[];
  outputs: string[];
  /** How often it was spoken of since the last of its outputs; states that were kept before this was known lack it. */
  silent?: number | undefined;
  /** It is the first after a compaction. */
  readonly compacted?: true | undefined;
}

/** A response whose count has come, and whose parts may still follow. */
export interface CountedResponse {
  readonly key: string;
  readonly endedAt: number;
  /** Time of the last line by which it got a part; states that were kept before this was known lack it. */
  readonly addedAt?: number | undefined;
  /** Outputs of its calls were written since. */
  readonly given?: boolean;
  /** It said something and asked for nothing, as far as was known when it was counted. */
  readonly answers?: true | undefined;
}

/** What the model was sent as the user's words, until it is known whether they are recorded as typed. */
export interface SentPrompt {
  readonly text: string;
  readonly at: number;
  /** States that were kept before this was known lack it. */
  readonly basis?: TimeBasis;
  /** The file ended with it before, so that it was stated as the prompt. */
  readonly stated?: boolean;
}

export interface OpenTurn {
  readonly id: string;
  /** API responses so far. */
  responses: number;
  /** An error was told that the turn did not survive; its end does not say so in every version. */
  failed?: boolean;
  /** Its end was recorded. */
  over?: boolean;
  /** It began in a review, so it may have the name that the review's own thread gave it. */
  review?: boolean;
}

/** Everything the reader remembers between lines. Plain JSON, so that a later reading goes on from it. */
export interface CodexState {
  version: 1;
  session: string;
  root: string | undefined;
  /** The session is a subagent's thread. */
  child: boolean;
  started: boolean;
  metaSeen: boolean;
  lastAt: number;
  /** Lines with a lower ordinal were copied from another thread. */
  cutBefore: number | undefined;
  /** When the thread was made, where copied lines are told by their ordinal; states that were kept before this was known lack it. */
  forkedAt?: number | undefined;
  /** When the thread was made, as its meta line says; states that were kept before this was known lack it. */
  madeAt?: number | undefined;
  /** Copied lines without ordinals share the second in which the thread was made. */
  copying: { second: number; sure: boolean; forkMicros: number; lastAt: number } | undefined;
  /** The lines at hand were taken over from another agent's session. */
  imported: boolean;
  /** The thread began with somebody else's history, so its first counter is no measure of its own work. */
  inherits: boolean;
  turn: OpenTurn | undefined;
  /** The recording names its turns; prompts then never open one. */
  namesTurns: boolean;
  untitledTurns: number;
  /** In a review, which runs in a thread of its own: that thread's turn, empty until a record names it. */
  reviewTurn: string | undefined;
  /** API responses outside any turn. */
  looseResponses: number;
  /** Turns that are over; a late record of theirs does not bring them back. */
  pastTurns: string[];
  /** How often each source stated each text in this turn, and the number that each statement got. */
  seen: Map<string, number>;
  /** How many texts of each kind were stated in this turn. */
  stated: Record<string, number>;
  response: OpenResponse | undefined;
  /** The response that a count ended, until the model is given something: versions of 2025 write its parts after the count. */
  counted: CountedResponse | undefined;
  /** A tool's output came after the open response's last part. */
  answered: boolean;
  /** Time of the newest thing the model was given. */
  inputAt: number | undefined;
  inputs: string[];
  /** The conversation was compacted since the last response began. */
  compacted?: true | undefined;
  countsTokens: boolean;
  totals: TokenCounts | undefined;
  /** The counter that another one took over from: reviews of late 2025 counted for themselves and then gave back. */
  aside: TokenCounts | undefined;
  /** Recorded per response since the last cumulative count, not yet covered by it. */
  uncovered: TokenCounts | undefined;
  /** The last cumulative step, until a per-response record claims it. */
  unclaimed: { key: string; usage: TokenCounts } | undefined;
  responseIds: string[];
  model: string | undefined;
  effort: string | undefined;
  provider: string | undefined;
  /** Typed prompts are recorded apart from what the model was sent. */
  typedPrompts: boolean;
  candidate: SentPrompt | undefined;
  calls: Map<string, KnownCall>;
  held: HeldCall[];
}

export function freshState(session: string): CodexState {
  return {
    version: 1,
    session,
    root: undefined,
    child: false,
    started: false,
    metaSeen: false,
    lastAt: 0,
    cutBefore: undefined,
    copying: undefined,
    imported: false,
    inherits: false,
    turn: undefined,
    namesTurns: false,
    untitledTurns: 0,
    reviewTurn: undefined,
    looseResponses: 0,
    pastTurns: [],
    seen: new Map(),
    stated: {},
    response: undefined,
    counted: undefined,
    answered: false,
    inputAt: undefined,
    inputs: [],
    countsTokens: false,
    totals: undefined,
    aside: undefined,
    uncovered: undefined,
    unclaimed: undefined,
    responseIds: [],
    model: undefined,
    effort: undefined,
    provider: undefined,
    typedPrompts: false,
    candidate: undefined,
    calls: new Map(),
    held: [],
  };
}

export function writtenState(state: CodexState): string {
  return JSON.stringify({ ...state, seen: [...state.seen], calls: [...state.calls] });
}

/** The state of an earlier reading; undefined when there was none or another version wrote it. */
export function readState(text: string | undefined): CodexState | undefined {
  const value = text === undefined ? undefined : objectOf(parsedJson(text));
  if (value === undefined || value.version !== 1) return undefined;
  const stored = value as unknown as CodexState & {
    seen: [string, number][];
    calls: [string, KnownCall][];
  };
  return {
    ...freshState(stored.session),
    ...stored,
    seen: new Map(stored.seen),
    calls: new Map(stored.calls),
  };
}
