import type { SourceContext } from '../agent.ts';
import { heldLinesOf, heldRecords } from '../held-lines.ts';
import { countOf, type JsonObject, labelOf, listOf, objectOf, textOf } from '../json-values.ts';
import type { Beginning } from './stream-detection.ts';

const MAX_REFERENCES = 500;

/** A text of an answer, printed in pieces. Only the numbers of its lines are kept between readings. */
export interface Told {
  readonly block: number;
  readonly from: number;
  through: number;
  atMicros: number;
  length: number;
  readonly pieces: string[];
}

/** A printed run while its lines are read. */
export interface Run {
  readonly session: string;
  readonly model: string | undefined;
  turn: string | undefined;
  turns: number;
  /** The LLM call whose answer is being printed. */
  call: string | undefined;
  calls: number;
  /** Texts and tool calls so far, over all answers. */
  blocks: number;
  /** What the model has been given since its last answer, and when the newest of it arrived. */
  inputs: string[];
  inputAt: number;
  lastAt: number;
  told: Told | undefined;
}

export function startRun({ session, model, atMicros }: Beginning): Run {
  return {
    session,
    model,
    turn: undefined,
    turns: 0,
    call: undefined,
    calls: 0,
    blocks: 0,
    inputs: [],
    inputAt: atMicros,
    lastAt: atMicros,
    told: undefined,
  };
}

/** The LLM call that the next piece of an answer belongs to. */
export function callOf(run: Run): string {
  run.call ??= `llm:${++run.calls}`;
  return run.call;
}

/** Something given to the model: what it prints next is another answer. */
export function addInput(run: Run, entry: string, atMicros: number): void {
  if (run.call !== undefined) run.inputs = [];
  run.call = undefined;
  run.inputAt = atMicros;
  if (run.inputs.length < MAX_REFERENCES) run.inputs.push(entry);
}

export function writtenRun(run: Run): string {
  return JSON.stringify({ ...run, told: run.told && { ...run.told, pieces: undefined } });
}

/** The run that an earlier reading stopped in. */
export function savedRun(saved: JsonObject | undefined, context: SourceContext): Run | undefined {
  const session = textOf(saved?.session);
  if (saved === undefined || session === undefined) return undefined;
  return {
    ...startRun({ session, model: labelOf(saved.model, 200), atMicros: count(saved.inputAt) }),
    turn: textOf(saved.turn),
    turns: count(saved.turns),
    call: textOf(saved.call),
    calls: count(saved.calls),
    blocks: count(saved.blocks),
    inputs: listOf(saved.inputs).flatMap((entry) => textOf(entry) ?? []),
    lastAt: count(saved.lastAt),
    told: savedText(objectOf(saved.told), context),
  };
}

function savedText(saved: JsonObject | undefined, context: SourceContext): Told | undefined {
  const held = heldLinesOf(saved);
  if (held === undefined) return undefined;
  const pieces: string[] = [];
  for (const { content } of heldRecords(context, held)) pieces.push(textOf(content) ?? '');
  const { block, atMicros, length } = saved ?? {};
  return {
    ...held,
    block: count(block),
    atMicros: count(atMicros),
    length: count(length),
    pieces,
  };
}

function count(value: unknown): number {
  return countOf(value) ?? 0;
}
