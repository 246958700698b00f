import type { Resource } from '@opentelemetry/resources';
import { createJsonMetricEncoder } from '../../exporters/otlp-json-metrics.ts';
import { byGauge, type GaugeOptions, type GaugePoint } from '../../metrics/gauges.ts';
import { VERSION } from '../../version.ts';
import type { CommandContext } from '../command.ts';
import { counted } from '../output/counted.ts';
import { writeWhole } from '../output/output-file.ts';
import { outputPath } from '../output/output-place.ts';
import { type GaugeSource, gaugeItems } from './gauge-points.ts';
import { warnOfOneTime } from './gauge-send.ts';

/** Gauges as OTLP metrics JSON to stdout or a file: one document, or with `--jsonl` one per session. */
export function writeGauges(
  context: CommandContext,
  source: GaugeSource,
  options: GaugeOptions,
  resource: Resource,
): void {
  const path = outputPath(context);
  warnOfOneTime(context, path ?? 'stdout', source, options);
  const lines = context.options['jsonl'] === true || path?.endsWith('.jsonl') === true;
  const sessions = [...gaugeItems(source, options)].map(({ items }) =>
    items.map(({ item }) => item),
  );
  const documents = lines ? sessions.filter((points) => points.length > 0) : [sessions.flat()];
  const text = documents.map((points) => `${documentOf(points, resource)}\n`).join('');
  if (path === undefined) context.write(text);
  else writeWhole(path, text);
  const count = sessions.reduce((sum, points) => sum + points.length, 0);
  context.say(
    `${counted(sessions.length, 'session')}, ${count} data points written to ${path ?? 'stdout'}`,
  );
}

function documentOf(points: readonly GaugePoint[], resource: Resource): string {
  if (points.length === 0) return '{"resourceMetrics":[]}';
  const scope = { name: 'agent-strace', version: VERSION };
  const encoder = createJsonMetricEncoder(
    { resource, scope },
    { maxBytes: Number.MAX_SAFE_INTEGER },
  );
  for (const point of byGauge(points)) encoder.tryAppend(point);
  return Buffer.from(encoder.finish().bytes).toString('utf8');
}
