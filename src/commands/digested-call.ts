import { createHash } from 'node:crypto';
import type { Operation, ToolCallOperation } from '../session/operation.ts';
import type { TraceReader } from '../store/read-trace.ts';

/** Enough of an input to distinguish two calls; the full size counts as well. */
const MAX_INPUT_CHARACTERS = 1_000_000;

/** As recorded, else computed from the recorded input: equal calls have equal digests. Undefined without either. */
export function callDigestOf(call: ToolCallOperation, reader: TraceReader): string | undefined {
  if (call.callDigest !== undefined) return call.callDigest;
  const input = call.contents.find(({ name }) => name === 'input');
  if (input?.seq === undefined) return undefined;
  const text = reader.content(input.seq, 'input', MAX_INPUT_CHARACTERS);
  if (text === undefined) return undefined;
  return createHash('sha256').update(`${call.name}\n${input.size}\n${text}`).digest('hex');
}

/** The operation with its {@link callDigestOf}, if it is a tool call. What is computed here stays in memory. */
export function withCallDigest(operation: Operation, reader: TraceReader): Operation {
  if (operation.kind !== 'tool_call') return operation;
  return { ...operation, callDigest: callDigestOf(operation, reader) };
}
