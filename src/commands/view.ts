import { dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { AgentStraceError, EXIT } from '../errors.ts';
import type { SessionTotals } from '../session/session.ts';
import { storePath } from '../store/location.ts';
import { explainStoreFailure, openStore, type Store } from '../store/open-store.ts';
import { createTraceReader } from '../store/read-trace.ts';
import { findSession, latestSession } from '../store/sessions.ts';
import { VERSION } from '../version.ts';
import { renderViewer } from '../view/viewer.ts';
import { viewerAssets } from '../view/viewer-assets.ts';
import type { CommandContext } from './command.ts';
import { openInBrowser } from './open-in-browser.ts';
import { writeOutputFile } from './output-file.ts';
import { openTrace, type RecordedTrace } from './recorded-trace.ts';
import { displayTreatment } from './treatment.ts';

const OPERATIONS_BETWEEN_BREATHS = 1000;

/** `agent-strace view [session]`: one session as an HTML file that needs nothing else, opened in the browser. */
export async function run(context: CommandContext): Promise<number> {
  const path = storePath(context.options['db'] as string | undefined, context.env);
  const store = openStore({ path, mode: 'read' });
  try {
    const named = context.args[0] as string | undefined;
    const root = named === undefined ? latestSession(store) : findSession(store, named);
    const treatment = await displayTreatment(store, context.options);
    const trace = openTrace(store, createTraceReader(store), root, treatment);
    const totals = await totalsOf(trace, context.signal);
    const page = renderViewer(
      { head: trace.head, totals, operations: trace.operations() },
      { assets: viewerAssets, version: VERSION },
    );
    const output = context.options['output'] as string | undefined;
    if (output === '-') {
      for (const piece of page) context.write(piece);
      return EXIT.done;
    }
    const file = resolve(output ?? usualFile(store, root.sessionId));
    await writeOutputFile(file, page, context.signal);
    context.write(`${file}\n`);
    return await show(context, file);
  } catch (error) {
    throw explainStoreFailure(error, store.path);
  } finally {
    store.close();
  }
}

/** Beside the store, which is private too; a second look at a session takes the place of the first. */
function usualFile(store: Store, sessionId: string): string {
  const name = sessionId.replaceAll(/[^\w-]/g, '_').slice(0, 80);
  return join(dirname(resolve(store.path)), 'views', `${name}.html`);
}

/** The totals stand at the head of the page, so the trace is read once for them and once more to be written. */
async function totalsOf(trace: RecordedTrace, signal: AbortSignal): Promise<SessionTotals> {
  const operations = trace.operations();
  for (let count = 1; ; count++) {
    const next = operations.next();
    if (next.done === true) return next.value;
    if (count % OPERATIONS_BETWEEN_BREATHS === 0) await setImmediate();
    if (signal.aborted) throw new AgentStraceError('output_failed', 'stopped; no page was written');
  }
}

async function show(context: CommandContext, file: string): Promise<number> {
  if (context.options['open'] === false) return EXIT.done;
  const reason = await openInBrowser(file, context.env);
  if (reason !== undefined) context.say(`${reason}; open the file in a browser`);
  return EXIT.done;
}
