import { type JsonObject, labelOf, listOf, objectOf, textOf } from '../json-values.ts';
import { microsOfMillis } from '../timestamps.ts';

/** What the timeline says about one call. */
export interface ShownCall {
  readonly requestedMicros: number | undefined;
  readonly completedMicros: number | undefined;
  /** `success`, `failure`, `rejected`, `denied`, … */
  readonly result: string | undefined;
  readonly title: string | undefined;
}

/** Something that was said, in the order in which it was shown. */
export interface Shown {
  readonly text: string;
  readonly atMicros: number | undefined;
}

/** The timeline, sorted by what its entries are about. */
export interface Timeline {
  readonly firstMicros: number;
  readonly users: Shown[];
  readonly answers: Shown[];
  readonly calls: ReadonlyMap<string, ShownCall>;
}

export function timeOf(entry: JsonObject): number | undefined {
  return microsOfMillis(entry.timestamp);
}

/** Sorts the entries of a timeline; empty for anything that is not a timeline. */
export function readTimeline(value: unknown): Timeline {
  const users: Shown[] = [];
  const answers: Shown[] = [];
  const calls = new Map<string, ShownCall>();
  let firstMicros: number | undefined;
  for (const one of listOf(value)) {
    const entry = objectOf(one) ?? {};
    const atMicros = timeOf(entry);
    firstMicros ??= atMicros;
    const text = textOf(entry.text) ?? textOf(entry.content) ?? '';
    if (entry.type === 'user') users.push({ text, atMicros });
    else if (entry.type === 'copilot' || entry.type === 'assistant')
      answers.push({ text, atMicros });
    else addCall(calls, entry, atMicros);
  }
  return { firstMicros: firstMicros ?? 0, users, answers, calls };
}

function addCall(
  calls: Map<string, ShownCall>,
  entry: JsonObject,
  atMicros: number | undefined,
): void {
  const id = labelOf(entry.callId, 300) ?? labelOf(entry.toolCallId, 300);
  if (id === undefined) return;
  const known = calls.get(id);
  const isResult = entry.type === 'tool_call_completed';
  const result = objectOf(entry.result);
  calls.set(id, {
    requestedMicros: isResult ? known?.requestedMicros : atMicros,
    completedMicros: isResult ? atMicros : known?.completedMicros,
    result: isResult ? (labelOf(result?.type, 60) ?? labelOf(entry.result, 60)) : known?.result,
    title: labelOf(entry.intentionSummary, 500) ?? known?.title,
  });
}
