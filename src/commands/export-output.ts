import { closeSync, openSync, writeSync } from 'node:fs';
import type { Segment } from '../delivery/ports.ts';
import { AgentStraceError, EXIT, messageOf } from '../errors.ts';
import { createJsonDocumentWriter } from '../exporters/json-document.ts';
import { createLedger } from '../store/ledger.ts';
import { lastSeqOf, type RootSession } from '../store/sessions.ts';
import type { CommandContext } from './command.ts';
import { segmentSpans, type SpanSource } from './export-trace.ts';

/** Writes the sessions as OTLP JSON to stdout or a file, as a stream. Nothing is remembered: this is no sending. */
export function writeSessions(context: CommandContext, source: SpanSource, roots: readonly RootSession[]): number {
  const output = context.options['output'];
  const path = typeof output === 'string' && output !== '-' ? output : undefined;
  const lines = context.options['jsonl'] === true || path?.endsWith('.jsonl') === true;
  const file = path === undefined ? undefined : openOutput(path);
  const write = file === undefined ? context.write : (chunk: Uint8Array) => writeAll(file, chunk, path ?? '');
  let spans = 0;
  try {
    const document = createJsonDocumentWriter(write, { lines });
    for (const root of roots) {
      if (context.signal.aborted) break;
      for (const { segment, closed } of segmentsOf(source, root)) {
        for (const span of segmentSpans(source, root, segment, source.settings.profile, closed)) {
          document.span(span);
          spans++;
        }
      }
      document.endDocument();
    }
    document.end();
  } finally {
    if (file !== undefined) closeSync(file);
  }
  context.say(`${roots.length} ${roots.length === 1 ? 'session' : 'sessions'}, ${spans} spans written to ${path ?? 'stdout'}`);
  return EXIT.done;
}

/** What was sent keeps its segments; what came after them is written as one more. */
function segmentsOf(source: SpanSource, root: RootSession): { segment: Segment; closed: boolean }[] {
  const newest = lastSeqOf(source.store, root.id);
  const known = createLedger(source.store).segments(root.id);
  const parts = known.map((segment) => ({ segment: segment as Segment, closed: true }));
  const afterSeq = known.at(-1)?.throughSeq ?? 0;
  if (known.length === 0 || source.reader.hasNewOperations(root.id, afterSeq, newest)) {
    parts.push({ segment: { n: known.length + 1, afterSeq, throughSeq: newest, factsThrough: newest }, closed: false });
  }
  return parts;
}

function openOutput(path: string): number {
  try {
    return openSync(path, 'w', 0o600);
  } catch (error) {
    throw new AgentStraceError('output_failed', `cannot write ${path}: ${(error as NodeJS.ErrnoException).code ?? messageOf(error)}`, { cause: error });
  }
}

function writeAll(file: number, chunk: Uint8Array, path: string): void {
  let rest = chunk;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
  } catch (error) {
    throw new AgentStraceError('output_failed', `cannot write ${path}: ${(error as NodeJS.ErrnoException).code ?? messageOf(error)}`, { cause: error });
  }
}
