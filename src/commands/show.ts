import { EXIT } from '../errors.ts';
import type { Operation } from '../session/operation.ts';
import { storePath } from '../store/location.ts';
import { explainStoreFailure, openStore } from '../store/open-store.ts';
import { createTraceReader } from '../store/read-trace.ts';
import { findSession, latestSession } from '../store/sessions.ts';
import { renderWaterfall } from '../view/waterfall.ts';
import type { CommandContext } from './command.ts';
import { paged } from './pager.ts';
import { openTrace } from './recorded-trace.ts';
import { terminalOf } from './terminal.ts';
import { displayTreatment } from './treatment.ts';

/** `agent-strace show [session]`: one session as a tree; the latest where none is named. */
export async function run(context: CommandContext): Promise<number> {
  const store = openStore({
    path: storePath(context.options['db'] as string | undefined, context.env),
    mode: 'read',
  });
  try {
    const named = context.args[0] as string | undefined;
    const root = named === undefined ? latestSession(store) : findSession(store, named);
    const expand = context.options['expand'] === true;
    const treatment = await displayTreatment(store, {
      ...context.options,
      content: context.options['content'] ?? (expand ? 'redacted' : undefined),
    });
    const trace = openTrace(store, createTraceReader(store), root, treatment);
    const operations: Operation[] = [];
    const reading = trace.operations();
    let next = reading.next();
    while (next.done !== true) {
      operations.push(next.value);
      next = reading.next();
    }
    const totals = next.value;
    if (context.options['json'] === true) {
      context.write(`${JSON.stringify({ head: trace.head, totals, operations }, null, 2)}\n`);
      return EXIT.done;
    }
    await paged(
      context,
      renderWaterfall({ head: trace.head, totals, operations }, { ...terminalOf(context), expand }),
    );
    return EXIT.done;
  } catch (error) {
    throw explainStoreFailure(error, store.path);
  } finally {
    store.close();
  }
}
