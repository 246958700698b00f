import type { Encoder, EncoderOptions } from './encoder.ts';
import { GroupedJsonEncoder } from './grouped-json-encoder.ts';
import { jsonAttributes } from './json-attributes.ts';
import { jsonDouble, jsonString } from './json-text.ts';
import { type GaugePoint, sameGauge } from './metric.ts';
import { groupHead, groupTail, METRIC_NAMES } from './otlp-json-group.ts';
import { nanosText } from './otlp-json-span.ts';
import type { Producer } from './producer.ts';

function gaugeHead(point: GaugePoint): string {
  const description = point.description ? `,"description":${jsonString(point.description)}` : '';
  const unit = point.unit ? `,"unit":${jsonString(point.unit)}` : '';
  return `{"name":${jsonString(point.name)}${description}${unit},"gauge":{"dataPoints":[`;
}

function pointText(point: GaugePoint): string {
  return `{"timeUnixNano":"${nanosText(point.atMicros)}","asDouble":${jsonDouble(point.value)},"attributes":${jsonAttributes(point.attributes)}}`;
}

/** Encodes gauges as one OTLP JSON `ExportMetricsServiceRequest`, by the same rules as spans. */
export function createJsonMetricEncoder(
  producer: Producer,
  options: EncoderOptions,
): Encoder<GaugePoint> {
  const head = groupHead(METRIC_NAMES, producer.resource, producer.scope);
  return new GroupedJsonEncoder<GaugePoint>(
    {
      open: `{"${METRIC_NAMES.groups}":[${head}`,
      close: `${groupTail(producer.resource, producer.scope)}]}`,
      sameGroup: sameGauge,
      head: gaugeHead,
      tail: () => ']}}',
      text: pointText,
    },
    options,
  );
}
