export { createSpanExporter } from './span-exporter.ts';
export type * from './span-exporter-api.ts';
