import type { Resource } from '@opentelemetry/resources';
import { deliverItems } from '../../delivery/deliver-items.ts';
import { createCounters } from '../../exporters/accounting.ts';
import type { Destination } from '../../exporters/destination.ts';
import { encoderOptions, openOtlpHttp } from '../../exporters/otlp-http.ts';
import { createJsonMetricEncoder } from '../../exporters/otlp-json-metrics.ts';
import { createProtobufMetricEncoder } from '../../exporters/otlp-protobuf-metrics.ts';
import {
  byGauge,
  DEFAULT_METRIC_ATTRIBUTES,
  type GaugeOptions,
  type GaugePoint,
} from '../../metrics/gauges.ts';
import { createItemLedger } from '../../store/item-ledger.ts';
import { VERSION } from '../../version.ts';
import { formatDuration } from '../../view/format.ts';
import type { CommandContext } from '../command.ts';
import type { DestinationReport } from '../export/export-report.ts';
import { itemOptions, itemReport } from '../export/item-report.ts';
import { sendSettings } from '../export/send-settings.ts';
import type { Measured } from '../metrics-measure.ts';
import { type GaugeSource, gaugeItems } from './gauge-points.ts';

/** Data points are small: this many fit into a request of the usual size. */
const USUAL_BATCH_POINTS = 3000;
/** Backends that append the unit to the name of a metric. */
const UNIT_APPENDING = new Set(['prometheus']);

/** Sends the data points that the destination has not accepted yet. */
export async function sendGauges(
  context: CommandContext,
  source: GaugeSource,
  destination: Destination,
  chosen: GaugeOptions,
  resource: Resource,
): Promise<DestinationReport> {
  const nowMicros = stampOf(context, destination);
  warnOfOneTime(context, destination.name, source, { ...chosen, nowMicros });
  const running: string[] = [];
  const sessions = () =>
    finished(source.sessions(), context.options['allowRunning'] === true, running);
  const units = !UNIT_APPENDING.has(destination.backend ?? '');
  const items = gaugeItems({ ...source, sessions }, { ...chosen, nowMicros, units });
  const ledger = createItemLedger(source.store, destination.name, 'metrics', 'gauges');
  const profile = {
    resource: JSON.stringify(resource.attributes),
    metric_time: nowMicros === undefined ? 'session' : 'now',
    metric_attributes: (chosen.attributes ?? DEFAULT_METRIC_ATTRIBUTES).join(','),
  };
  const wire = createCounters();
  const settings = sendSettings(context, destination, wire, USUAL_BATCH_POINTS);
  const producer = {
    resource: withDestination(resource, destination),
    scope: { name: 'agent-strace', version: VERSION },
  };
  const limits = encoderOptions(destination, settings);
  const encoder =
    destination.protocol === 'http/json'
      ? createJsonMetricEncoder(producer, limits)
      : createProtobufMetricEncoder(producer, limits);
  const open = openOtlpHttp<GaugePoint>(destination, encoder, settings);
  try {
    const target = {
      send: (points: readonly GaugePoint[]) => open.sender.send(points),
      chunkItems: settings.batchItems,
      order: byGauge,
    };
    const result = await deliverItems(items, target, ledger, profile, itemOptions(context));
    return itemReport(destination.name, 'data point', result, wire, running);
  } finally {
    await open.close();
  }
}

/** Without running sessions: they have no end to use as the time of their points. */
function* finished(
  sessions: Iterable<Measured>,
  allowRunning: boolean,
  running: string[],
): Generator<Measured> {
  for (const measured of sessions) {
    if (allowRunning || measured.metrics.state !== 'running') yield measured;
    else running.push(measured.root.sessionId);
  }
}

/** `--metric-time`, else now for a destination that refuses old points, with a notice. */
function stampOf(context: CommandContext, destination: Destination): number | undefined {
  const asked = context.options['metricTime'];
  const oldest = destination.maxAgeMillis;
  if (asked === 'now') return Date.now() * 1000;
  if (oldest === undefined) return undefined;
  const refuses = `${destination.name}: points older than ${formatDuration(oldest * 1000)} are refused there`;
  if (asked === 'session') {
    context.say(`${refuses}; --metric-time session keeps the end of each session anyway`);
    return undefined;
  }
  context.say(
    `${refuses}, so all get the time of this export (--metric-time session changes that)`,
  );
  return Date.now() * 1000;
}

/** Warns that points of several sessions replace each other when neither time nor attributes distinguish them. */
export function warnOfOneTime(
  context: CommandContext,
  place: string,
  { selected }: GaugeSource,
  { nowMicros, attributes = DEFAULT_METRIC_ATTRIBUTES }: GaugeOptions,
): void {
  if (nowMicros === undefined || selected < 2) return;
  if (attributes.includes('session') || attributes.includes('end')) return;
  context.warn(
    `${place}: all data points have the same time, so of those with equal attributes only one is kept; add session to --metric-attributes`,
  );
}

function withDestination(
  resource: Resource,
  destination: Destination,
): Pick<Resource, 'attributes'> {
  return { attributes: { ...destination.resourceAttributes, ...resource.attributes } };
}
