import { objectOf, parsedJson } from '../json-values.ts';

/** A call that the model asked for and whose result has not come yet. */
export interface OpenCall {
  readonly key: string;
  readonly name: string;
  /** What the agents are that the call starts. */
  readonly agents?: readonly (string | undefined)[] | undefined;
}

/** A call that runs on in the background: its step is never written again, a message tells how it ended. */
export interface RunningCall {
  readonly key: string;
  readonly index: number;
  readonly task: string | undefined;
}

/** Everything the reader remembers between lines. Plain JSON. */
export interface StepsState {
  version: 1;
  session: string;
  /** The conversation whose subagent this one is, and the first of all. */
  parent?: string | undefined;
  root?: string | undefined;
  started: boolean;
  startedAt?: number | undefined;
  lastAt: number;
  turn: string | undefined;
  model: string | undefined;
  inputs: string[];
  /** Time of the newest thing the model was given. */
  inputAt: number | undefined;
  open: OpenCall[];
  running?: RunningCall[] | undefined;
}

export function freshState(session: string): StepsState {
  return {
    version: 1,
    session,
    started: false,
    lastAt: 0,
    turn: undefined,
    model: undefined,
    inputs: [],
    inputAt: undefined,
    open: [],
  };
}

export function readState(text: string | undefined): StepsState | undefined {
  const value = text === undefined ? undefined : objectOf(parsedJson(text));
  if (value === undefined || value.version !== 1) return undefined;
  const stored = value as unknown as StepsState;
  return { ...freshState(stored.session), ...stored };
}
