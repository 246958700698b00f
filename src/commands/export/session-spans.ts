import type { Profile, Segment } from '../../delivery/ports.ts';
import { nextSegment } from '../../delivery/segments.ts';
import type { RecordedSpan } from '../../mappers/recorded-span.ts';
import { ledgerOf } from '../../store/ledger.ts';
import { lastSeqOf, type RootSession } from '../../store/sessions.ts';
import { type SpanSource, segmentSpans } from './export-trace.ts';

/** All spans of a session, up to its newest fact, no matter what has been sent. */
export function* sessionSpans(
  source: SpanSource,
  root: RootSession,
  profile: Profile,
): Generator<RecordedSpan> {
  for (const { segment, closed } of segmentsOf(source, root)) {
    yield* segmentSpans(source, root, segment, profile, closed);
    if (source.damaged?.has(root.id)) return;
  }
}

/** What was sent keeps its segments; everything after them becomes one more segment. */
function segmentsOf(
  source: SpanSource,
  root: RootSession,
): { segment: Segment; closed: boolean }[] {
  const newest = lastSeqOf(source.store, root.id);
  const known = ledgerOf(source.store).segments(root.id);
  const parts = known.map((segment) => ({ segment: segment as Segment, closed: true }));
  const next = nextSegment(known, newest);
  if (known.length === 0 || source.reader.hasNewOperations(root.id, next.afterSeq, newest))
    parts.push({ segment: next, closed: false });
  return parts;
}
