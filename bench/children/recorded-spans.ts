import type { ExportSettings } from '../../src/commands/export/export-settings.ts';
import { segmentSpans } from '../../src/commands/export/export-trace.ts';
import type { TimedSpan } from '../../src/exporters/encoder.ts';
import { findMapper } from '../../src/mappers/registry.ts';
import { createRedactor } from '../../src/processing/redaction/redactor.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createTraceReader } from '../../src/store/read-trace.ts';
import { lastSeqOf, listSessions } from '../../src/store/sessions.ts';

/** Spans of a store as our mapper makes them, whole sessions until there are `most`. */
export function recordedSpans(path: string, most: number): TimedSpan[] {
  const store = openStore({ path, mode: 'read' });
  const settings: ExportSettings = {
    mapper: findMapper('otlp-genai')!,
    redactor: createRedactor({ key: store.redactionKey, disabled: true }),
    price: undefined,
    profile: {
      mapper: 'otlp-genai',
      span_names: 'agent-strace',
      semconv: 'latest',
      content: 'redacted',
      silent_failures: 'off',
      resource: '{"service.name":"bench"}',
      attributes: '{}',
      run_id: null,
      traceparent: null,
      shift_us: null,
    },
  };
  const source = { store, reader: createTraceReader(store), settings };
  const spans: TimedSpan[] = [];
  for (const root of listSessions(store)) {
    const newest = lastSeqOf(store, root.id);
    for (const span of segmentSpans(
      source,
      root,
      { n: 1, afterSeq: 0, throughSeq: newest, factsThrough: newest },
      settings.profile,
      true,
    ))
      spans.push(span);
    if (spans.length >= most) break;
  }
  return spans;
}
