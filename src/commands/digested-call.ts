import { createHash } from 'node:crypto';
import type { Operation } from '../session/operation.ts';
import type { TraceReader } from '../store/read-trace.ts';

/** Enough of an input to distinguish two calls; the full size counts as well. */
const MAX_INPUT_CHARACTERS = 1_000_000;

/**
 * Equal calls get equal digests, which is how repeated calls are recognised. A digest computed here stays in memory.
 */
export function withCallDigest(operation: Operation, reader: TraceReader): Operation {
  if (operation.kind !== 'tool_call' || operation.callDigest !== undefined) return operation;
  const input = operation.contents.find(({ name }) => name === 'input');
  if (input?.seq === undefined) return operation;
  const text = reader.content(input.seq, 'input', MAX_INPUT_CHARACTERS);
  if (text === undefined) return operation;
  const callDigest = createHash('sha256')
    .update(`${operation.name}\n${input.size}\n${text}`)
    .digest('hex');
  return { ...operation, callDigest };
}
