import { EXIT } from '../errors.ts';
import type { Operation } from '../session/operation.ts';
import { storePath } from '../store/location.ts';
import { explainStoreFailure, openStore } from '../store/open-store.ts';
import { createTraceReader } from '../store/read-trace.ts';
import { findSession, latestSession } from '../store/sessions.ts';
import { readSession, renderWaterfall } from '../view/waterfall.ts';
import type { CommandContext } from './command.ts';
import { counted } from './count-progress.ts';
import { paged } from './pager.ts';
import { stderrTerminal } from './progress.ts';
import { openTrace, type RecordedTrace } from './recorded-trace.ts';
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
    const reader = createTraceReader(store);
    if (context.options['json'] === true) {
      const whole = openTrace(store, reader, root, { ...treatment, messages: 'texts' });
      context.write(`${JSON.stringify(document(whole), null, 2)}\n`);
      return EXIT.done;
    }
    const trace = openTrace(store, reader, root, treatment);
    const operations = counted(trace.operations(), 'operations', stderrTerminal(context));
    // Before a pager takes the screen, because reading may fail and is counted there.
    const session = readSession(trace.head, operations, expand);
    await paged(context, renderWaterfall(session, terminalOf(context)));
    return EXIT.done;
  } catch (error) {
    throw explainStoreFailure(error, store.path);
  } finally {
    store.close();
  }
}

/** The session as data: every operation, with the texts that the content policy lets through. */
function document(trace: RecordedTrace): object {
  const operations: Operation[] = [];
  const reading = trace.operations();
  let next = reading.next();
  for (; next.done !== true; next = reading.next()) operations.push(next.value);
  return { head: trace.head, totals: next.value, operations };
}
