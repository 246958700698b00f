import type { ExportSettings } from '../../src/commands/export/export-settings.ts';
import { findMapper } from '../../src/mappers/registry.ts';
import { createRedactor } from '../../src/processing/redaction/redactor.ts';
import type { Store } from '../../src/store/open-store.ts';

/** What spans are made with when nothing is asked for: redacted content, no prices. */
export function spanSettings(store: Store, format: string): ExportSettings {
  const mapper = findMapper(format)!;
  return {
    mapper,
    redactor: createRedactor({ key: store.redactionKey }),
    price: undefined,
    profile: {
      mapper: mapper.name,
      span_names: 'agent-strace',
      semconv: 'latest',
      content: 'redacted',
      silent_failures: 'mark',
      resource: '{"service.name":"test"}',
      attributes: '{}',
      run_id: null,
      traceparent: null,
      shift_us: null,
    },
  };
}
