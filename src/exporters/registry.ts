import type { Destination } from './destination.ts';
import type { TimedSpan } from './encoder.ts';
import type { OpenSender, SendSettings } from './otlp-http.ts';

/** A way to send spans to an endpoint. */
export interface Exporter {
  readonly name: string;
  readonly summary: string;
  open(destination: Destination, settings: SendSettings): Promise<OpenSender<TimedSpan>>;
}

/** All exporters; the first is the default of `--exporter`. */
export const EXPORTERS: readonly Exporter[] = [
  {
    name: 'otlp-http',
    summary: 'OTLP over HTTP, protobuf or JSON, with retries, bisecting and exact accounting',
    open: async (destination, settings) => {
      const { createTraceEncoder, openOtlpHttp } = await import('./otlp-http.ts');
      const encoder = createTraceEncoder(destination, settings);
      return openOtlpHttp(destination, encoder, settings);
    },
  },
  {
    name: 'otel',
    summary: "OpenTelemetry's own exporter (JSON); it can only say accepted or failed",
    open: async (destination, settings) => {
      const { openOtelExporter } = await import('./otel-adapter.ts');
      return openOtelExporter(destination, settings);
    },
  },
];

/** The exporter of that name, or undefined. */
export function findExporter(name: string): Exporter | undefined {
  return EXPORTERS.find((exporter) => exporter.name === name);
}
