import { storePath } from '../store/location.ts';
import { EXIT } from '../errors.ts';
import { environmentNamesEndpoint } from '../exporters/otel-environment.ts';
import { explainStoreFailure, openStore, type Store } from '../store/open-store.ts';
import { createTraceReader } from '../store/read-trace.ts';
import type { CommandContext } from './command.ts';
import { destinationsOf } from './destinations.ts';
import { writeSessions } from './export-output.ts';
import { selectedSessions } from './export-selection.ts';
import { type DestinationReport, sendingExitCode, sendTo } from './export-send.ts';
import { exportSettings } from './export-settings.ts';
import { summaryLines } from './export-summary.ts';
import { progressLine } from './progress.ts';

/** `agent-strace export [session]`: OTLP JSON to stdout or a file, or spans to every destination that was named. */
export async function run(context: CommandContext): Promise<number> {
  if (context.options['metrics'] === true) return (await import('./gauge-export.ts')).exportMetrics(context);
  const destinations = context.options['output'] === undefined ? destinationsOf(context, 'traces') : [];
  const store = openStore({ path: storePath(context.options['db'] as string | undefined, context.env), mode: 'read' });
  try {
    const roots = selectedSessions(context, store);
    if (roots.length === 0) {
      context.say('no session fits the selection; nothing to export');
    }
    const settings = await exportSettings(context, store);
    const source = { store, reader: createTraceReader(store), settings };
    if (destinations.length === 0) {
      hintAtEnvironment(context);
      return writeSessions(context, source, roots);
    }
    return await sendAll(context, source, destinations, roots);
  } catch (error) {
    throw explainStoreFailure(error, store.path);
  } finally {
    store.close();
  }
}

/** Each destination on its own: one that fails neither blocks nor fails the others. */
async function sendAll(
  context: CommandContext,
  source: { store: Store } & Parameters<typeof sendTo>[1],
  destinations: readonly Parameters<typeof sendTo>[2][],
  roots: Parameters<typeof sendTo>[3],
): Promise<number> {
  const progress = progressLine(context);
  const reports: DestinationReport[] = await Promise.all(
    destinations.map((destination) => sendTo(context, source, destination, roots, progress.add)),
  );
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
