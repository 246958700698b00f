import { closeSync, openSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Profile, Segment } from '../delivery/ports.ts';
import { AgentStraceError, EXIT, messageOf } from '../errors.ts';
import { createJsonDocumentWriter } from '../exporters/json-document.ts';
import { ledgerOf } from '../store/ledger.ts';
import { lastSeqOf, type RootSession } from '../store/sessions.ts';
import type { CommandContext } from './command.ts';
import { type Shipment, sampled } from './export-send.ts';
import { type SpanSource, segmentSpans } from './export-trace.ts';
import { shifted } from './rebase.ts';

/** Signals are heard between so many spans. */
const SPANS_PER_TURN = 1000;

/** Writes the sessions as OTLP JSON to stdout or a file, as a stream. Nothing is remembered: this is no sending. */
export async function writeSessions(
  context: CommandContext,
  what: Pick<Shipment, 'source' | 'roots' | 'sampler' | 'rebase'>,
): Promise<number> {
  const output = context.options['output'];
  const path = typeof output === 'string' && output !== '-' ? output : undefined;
  const lines = context.options['jsonl'] === true || path?.endsWith('.jsonl') === true;
  const file = path === undefined ? undefined : openOutput(path);
  const write =
    file === undefined ? context.write : (chunk: Uint8Array) => writeAll(file, chunk, path ?? '');
  const { source, roots } = what;
  let spans = 0;
  let sessions = 0;
  let sampledOut = 0;
  try {
    const document = createJsonDocumentWriter(write, { lines });
    for (const root of roots) {
      await setImmediate();
      if (context.signal.aborted) break;
      const profile = profileFor(what, root);
      if (profile === undefined) {
        sampledOut++;
        continue;
      }
      for (const span of allSpans(source, root, profile)) {
        document.span(span);
        if (++spans % SPANS_PER_TURN > 0) continue;
        await setImmediate();
        if (context.signal.aborted) break;
      }
      document.endDocument();
      sessions++;
    }
    document.end();
  } finally {
    if (file !== undefined) closeSync(file);
  }
  const left = roots.length - sessions - sampledOut;
  const more = [
    ...(sampledOut > 0 ? [`${sampledOut} sampled out`] : []),
    ...(context.signal.aborted ? [`stopped before the end; ${left} not begun`] : []),
  ];
  context.say(
    [`${count(sessions, 'session')}, ${spans} spans written to ${path ?? 'stdout'}`, ...more].join(
      ', ',
    ),
  );
  return EXIT.done;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** What the session is written with; undefined where it is sampled out. */
function profileFor(
  { source, sampler, rebase }: Pick<Shipment, 'source' | 'sampler' | 'rebase'>,
  root: RootSession,
): Profile | undefined {
  const { profile } = source.settings;
  const decision = sampler?.(root);
  if (decision?.kept === false) return undefined;
  return shifted(decision === undefined ? profile : sampled(profile, decision), rebase(root));
}

function* allSpans(source: SpanSource, root: RootSession, profile: Profile) {
  for (const { segment, closed } of segmentsOf(source, root)) {
    yield* segmentSpans(source, root, segment, profile, closed);
  }
}

/** What was sent keeps its segments; what came after them is written as one more. */
function segmentsOf(
  source: SpanSource,
  root: RootSession,
): { segment: Segment; closed: boolean }[] {
  const newest = lastSeqOf(source.store, root.id);
  const known = ledgerOf(source.store).segments(root.id);
  const parts = known.map((segment) => ({ segment: segment as Segment, closed: true }));
  const afterSeq = known.at(-1)?.throughSeq ?? 0;
  if (known.length === 0 || source.reader.hasNewOperations(root.id, afterSeq, newest)) {
    const n = known.length + 1;
    parts.push({
      segment: { n, afterSeq, throughSeq: newest, factsThrough: newest },
      closed: false,
    });
  }
  return parts;
}

function openOutput(path: string): number {
  try {
    return openSync(path, 'w', 0o600);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function writeAll(file: number, chunk: Uint8Array, path: string): void {
  let rest = chunk;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): AgentStraceError {
  const reason = (error as NodeJS.ErrnoException).code ?? messageOf(error);
  return new AgentStraceError('output_failed', `cannot write ${path}: ${reason}`, { cause: error });
}
