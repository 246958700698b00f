import type { SourceContext } from './agent.ts';
import { type JsonObject, objectOf, parsedJson } from './json-values.ts';

const MOST_BYTES = 64 * 1024 * 1024;

/** Numbers of the first and the last line of a text that is printed in pieces. */
export interface HeldLines {
  readonly from: number;
  readonly through: number;
}

/**
 * The records in lines that a reader had read but not yet stated when it stopped; none if the file has more than 64
 * MiB. They are read again because a reader's state holds no content: neither redaction nor pruning reaches it.
 */
export function heldRecords(
  { path, sidecars }: Pick<SourceContext, 'path' | 'sidecars'>,
  { from, through }: HeldLines,
): JsonObject[] {
  const lines = (sidecars.read(path, MOST_BYTES) ?? '').split('\n').slice(from - 1, through);
  return lines.map((line) => objectOf(parsedJson(line))).filter((record) => record !== undefined);
}

/** Line numbers from a reader's state. */
export function heldLinesOf(value: unknown): HeldLines | undefined {
  const held = objectOf(value);
  const { from, through } = held ?? {};
  return typeof from === 'number' && typeof through === 'number' ? { from, through } : undefined;
}
