import { storePath } from '../store/location.ts';
import { EXIT } from '../errors.ts';
import { findBackend } from '../backends/registry.ts';
import type { Destination } from '../exporters/destination.ts';
import { environmentNamesEndpoint } from '../exporters/otel-environment.ts';
import { explainStoreFailure, openStore } from '../store/open-store.ts';
import { createTraceReader } from '../store/read-trace.ts';
import type { RootSession } from '../store/sessions.ts';
import type { CommandContext } from './command.ts';
import { destinationsOf } from './destinations.ts';
import { writeSessions } from './export-output.ts';
import { selectedSessions } from './export-selection.ts';
import { type DestinationReport, sendingExitCode, sendTo } from './export-send.ts';
import { exportSettings } from './export-settings.ts';
import type { SpanSource } from './export-trace.ts';
import { summaryLines } from './export-summary.ts';
import { progressLine } from './progress.ts';
import type { ScoreDestination } from './score-destinations.ts';

/** `agent-strace export [session]`: OTLP JSON to stdout or a file, or spans to every destination that was named. */
export async function run(context: CommandContext): Promise<number> {
  if (context.options['metrics'] === true) return (await import('./gauge-export.ts')).exportMetrics(context);
  const destinations = context.options['output'] === undefined ? destinationsOf(context, 'traces') : [];
  const scores = context.options['scores'] === true ? (await import('./score-destinations.ts')).scoreDestinations(context, destinations) : [];
  const store = openStore({ path: storePath(context.options['db'] as string | undefined, context.env), mode: 'read' });
  try {
    const roots = selectedSessions(context, store);
    if (roots.length === 0) {
      context.say('no session fits the selection; nothing to export');
    }
    const reader = createTraceReader(store);
    if (destinations.length === 0) {
      hintAtEnvironment(context);
      return writeSessions(context, { store, reader, settings: await exportSettings(context, store) }, roots);
    }
    const routes: Route[] = [];
    for (const [index, destination] of destinations.entries()) {
      const settings = await exportSettings(context, store, formatFor(destination));
      routes.push({ destination, source: { store, reader, settings }, scores: scores[index] });
    }
    return await sendAll(context, routes, roots);
  } catch (error) {
    throw explainStoreFailure(error, store.path);
  } finally {
    store.close();
  }
}

/** One destination, what its spans are made with, and where its scores go if they are wanted. */
interface Route {
  readonly destination: Destination;
  readonly source: SpanSource;
  readonly scores: ScoreDestination | undefined;
}

/** The format that the backend's views are made for. */
function formatFor({ backend }: Destination): string | undefined {
  return backend === undefined ? undefined : findBackend(backend)?.format;
}

/** Traces first, because scores point at them; a destination that stopped gets no scores in this run. */
async function sendRoute(context: CommandContext, route: Route, roots: readonly RootSession[], onProgress: (spans: number) => void): Promise<DestinationReport[]> {
  const traces = await sendTo(context, route.source, route.destination, roots, onProgress);
  if (route.scores === undefined || traces.reason !== undefined) return [traces];
  const { sendScores } = await import('./score-export.ts');
  return [traces, await sendScores(context, route.source, route.scores, roots)];
}

/** Each destination on its own: one that fails neither blocks nor fails the others. */
async function sendAll(context: CommandContext, routes: readonly Route[], roots: readonly RootSession[]): Promise<number> {
  const progress = progressLine(context);
  const sent = await Promise.all(routes.map((route) => sendRoute(context, route, roots, progress.add)));
  const reports = sent.flat();
  progress.end();
  if (context.options['json'] === true) context.write(`${JSON.stringify({ destinations: reports }, null, 2)}\n`);
  else for (const report of reports) for (const line of summaryLines(report)) context.say(line);
  const code = sendingExitCode(reports);
  if (code !== EXIT.done && context.options['quiet'] === true) {
    for (const report of reports) if (report.reason !== undefined) context.warn(`${report.destination}: ${report.reason}`);
  }
  return code;
}

function hintAtEnvironment(context: CommandContext): void {
  if (context.options['output'] === undefined && environmentNamesEndpoint(context.env, 'traces')) {
    context.say('OTEL_EXPORTER_OTLP_ENDPOINT is set, but nothing is sent unasked: add --backend otlp to send there');
  }
}
