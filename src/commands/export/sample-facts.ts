import { createHash } from 'node:crypto';
import type { SamplingFacts, SamplingPolicy } from '../../delivery/sampling.ts';
import { FAILURE_TEXT_CHARACTERS, failureHint } from '../../processing/failure-text.ts';
import { silentFailureOf } from '../../processing/silent-failure.ts';
import type { LlmCallOperation, Operation, ToolCallOperation } from '../../session/operation.ts';
import { replay } from '../../session/replay.ts';
import { segmentFeed } from '../../session/segment-feed.ts';
import { createTotals } from '../../session/totals.ts';
import type { TraceReader } from '../../store/read-trace.ts';
import type { RootSession } from '../../store/sessions.ts';

const PAGE_EVENTS = 256;
/** Enough of an input to distinguish two calls; the full size counts as well. */
const MAX_INPUT_CHARACTERS = 100_000;
/** Most distinct calls that are remembered at once. */
const MAX_CALLS = 50_000;

/** One pass over the facts of a trace, up to a position; reads texts only if a policy needs them. */
export function samplingFacts(
  reader: TraceReader,
  root: RootSession,
  throughSeq: number,
  policies: readonly SamplingPolicy[],
): SamplingFacts {
  const outputs = policies.some(({ reads }) => reads === 'outputs');
  const repeats = policies.some(({ reads }) => reads === 'inputs')
    ? createRepeats(reader)
    : undefined;
  const totals = createTotals();
  const statuses = new Set<number>();
  let anyError = false;
  let timeout = false;
  let silentFailure = false;

  function call(operation: ToolCallOperation | LlmCallOperation): void {
    const failed = operation.error !== undefined;
    if (failed) anyError = true;
    note(operation.httpStatus, operation.error?.type ?? '');
    if (operation.kind !== 'tool_call') return;
    repeats?.add(operation);
    if (!outputs || (!failed && operation.outcome !== 'ok')) return;
    const text = endText(reader, operation);
    const silent = failed ? undefined : silentFailureOf(operation.name, text);
    if (silent !== undefined) silentFailure = true;
    if (!failed && silent === undefined) return;
    const hint = failureHint(text ?? '');
    note(hint.status, hint.timeout ? 'timeout' : '');
  }

  function note(status: number | undefined, errorType: string): void {
    if (status !== undefined) statuses.add(status);
    if (/^[45]\d\d$/.test(errorType)) statuses.add(Number(errorType));
    if (status === 408 || status === 504 || /time_?d?_?out/i.test(errorType)) timeout = true;
  }

  const read = (after: number, through: number) =>
    reader.page(root.id, after, through, PAGE_EVENTS);
  const bounds = { afterSeq: 0, throughSeq, factsThrough: throughSeq };
  const operations = replay(segmentFeed(read, bounds, throughSeq), { rootSession: root.sessionId });
  let next = operations.next();
  for (; next.done !== true; next = operations.next()) {
    const operation: Operation = next.value;
    totals.operation(operation);
    if (operation.kind === 'tool_call' || operation.kind === 'llm_call') call(operation);
    else if ('error' in operation && operation.error !== undefined) anyError = true;
  }
  const { outcome, startMicros, endMicros } = totals.finish(next.value, Number.POSITIVE_INFINITY);
  return {
    durationMicros: endMicros - startMicros,
    failed: outcome === 'error' || outcome === 'killed',
    anyError,
    statuses,
    timeout,
    silentFailure,
    mostRepeats: repeats?.most() ?? 0,
  };
}

/** The beginning of a call's result: its error text, else its output. */
function endText(reader: TraceReader, call: ToolCallOperation): string | undefined {
  const content =
    call.contents.find(({ name }) => name === 'error') ??
    call.contents.find(({ name }) => name === 'output');
  const text =
    content?.seq === undefined
      ? undefined
      : reader.content(content.seq, content.name, FAILURE_TEXT_CHARACTERS);
  return text ?? call.error?.message;
}

/**
 * Counts equal calls. An input is only read once a call of the same tool with an input of the same length has
 * occurred.
 */
function createRepeats(reader: TraceReader) {
  const alone = new Map<string, ToolCallOperation>();
  const counts = new Map<string, number>();
  let most = 0;

  function count(call: ToolCallOperation, shape: string): void {
    const input = call.contents.find(({ name }) => name === 'input');
    const text =
      input?.seq === undefined
        ? undefined
        : reader.content(input.seq, 'input', MAX_INPUT_CHARACTERS);
    // The arguments are unknown, so the call repeats no other.
    if (text === undefined) return;
    const key = createHash('sha256').update(`${shape}\n${text}`).digest('base64');
    const times = (counts.get(key) ?? 0) + 1;
    counts.set(key, times);
    most = Math.max(most, times);
    if (counts.size > MAX_CALLS) counts.delete(counts.keys().next().value as string);
  }

  return {
    add(call: ToolCallOperation): void {
      const size = call.contents.find(({ name }) => name === 'input')?.size ?? 0;
      const shape = `${call.name}\n${size}`;
      const first = alone.get(shape);
      if (first === undefined) {
        alone.set(shape, call);
        if (alone.size > MAX_CALLS) alone.delete(alone.keys().next().value as string);
        most = Math.max(most, 1);
        return;
      }
      // The first call of its kind is counted when the second one arrives.
      if (!counts.has(shape)) {
        counts.set(shape, 0);
        count(first, shape);
      }
      count(call, shape);
    },
    most: () => most,
  };
}
