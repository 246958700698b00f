import { LLM_PRESETS } from './llm-presets.ts';
import type { BackendPreset } from './preset.ts';
import { TRACING_PRESETS } from './tracing-presets.ts';
import { VENDOR_PRESETS } from './vendor-presets.ts';

/** All named backends. In addition, `otlp` means whatever the standard variables describe. */
export const BACKENDS: readonly BackendPreset[] = [
  ...TRACING_PRESETS,
  ...VENDOR_PRESETS,
  ...LLM_PRESETS,
];

/** Name of the backend described by the standard `OTEL_EXPORTER_OTLP_*` variables. */
export const STANDARD_BACKEND = 'otlp';

/** Values of `--backend`. */
export const BACKEND_NAMES: readonly string[] = [
  ...BACKENDS.map((backend) => backend.name),
  STANDARD_BACKEND,
];

const OTHER_NAMES: { readonly [name: string]: string } = {
  collector: 'otel-collector',
  grafana: 'grafana-cloud',
  newrelic: 'new-relic',
};

/** The preset of that name, or undefined; `otlp` has none. */
export function findBackend(name: string): BackendPreset | undefined {
  const known = OTHER_NAMES[name] ?? name;
  return BACKENDS.find((backend) => backend.name === known);
}
