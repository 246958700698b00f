import type { Destination } from './destination.ts';
import type { TimedSpan } from './encoder.ts';
import type { OpenSender, SendSettings } from './otlp-http.ts';

/** A way out for spans. */
export interface Exporter {
  readonly name: string;
  readonly summary: string;
  /** Endpoints are sent to and remembered in the ledger; files and stdout are written as documents. */
  readonly reaches: 'endpoint' | 'file' | 'stdout';
  /** Only of exporters that reach endpoints. */
  open?(destination: Destination, settings: SendSettings): Promise<OpenSender<TimedSpan>>;
}

/** Every exporter; the first that reaches endpoints is the default of `--exporter`. */
export const EXPORTERS: readonly Exporter[] = [
  {
    name: 'otlp-http',
    summary: 'OTLP over HTTP, protobuf or JSON, with retries, bisecting and exact accounting',
    reaches: 'endpoint',
    open: async (destination, settings) => {
      const { createTraceEncoder, openOtlpHttp } = await import('./otlp-http.ts');
      const encoder = createTraceEncoder(destination, settings);
      return openOtlpHttp(destination, encoder, settings);
    },
  },
  {
    name: 'otel',
    summary: "OpenTelemetry's own exporter (JSON); it can only say accepted or failed",
    reaches: 'endpoint',
    open: async (destination, settings) => {
      const { openOtelExporter } = await import('./otel-adapter.ts');
      return openOtelExporter(destination, settings);
    },
  },
  {
    name: 'file',
    summary: 'one OTLP JSON document, or JSON Lines (--output FILE)',
    reaches: 'file',
  },
  { name: 'stdout', summary: 'one OTLP JSON document, or JSON Lines', reaches: 'stdout' },
];

/** The exporter of that name, or undefined. */
export function findExporter(name: string): Exporter | undefined {
  return EXPORTERS.find((exporter) => exporter.name === name);
}
