import { EXIT } from '../errors.ts';
import { traceIdOf } from '../session/identifiers.ts';
import { storePath } from '../store/location.ts';
import { explainStoreFailure, openStore } from '../store/open-store.ts';
import { createTraceReader } from '../store/read-trace.ts';
import { countSessions, listSessions, neighbouringIds } from '../store/sessions.ts';
import { renderSessionList, type SessionListRow, uniquePrefixes } from '../view/session-list.ts';
import { agentProduct } from './agent-product.ts';
import type { CommandContext } from './command.ts';
import { displayTreatment } from './export/treatment.ts';
import { terminalOf } from './output/terminal.ts';
import { scoredRoots } from './scores/score-selection.ts';
import { filterOf } from './select-sessions.ts';
import { totalsOf } from './session-totals.ts';

const DEFAULT_LIMIT = 20;

/** `agent-strace list`: sessions by their last event, newest first. */
export async function run(context: CommandContext): Promise<number> {
  const store = openStore({
    path: storePath(context.options['db'] as string | undefined, context.env),
    mode: 'read',
  });
  try {
    const filter = filterOf(context);
    const limit = filter.limit ?? DEFAULT_LIMIT;
    const scored = scoredRoots(context, store);
    const fitting = listSessions(store, {
      ...filter,
      agent: await agentProduct(filter.agent),
      limit: scored === undefined ? limit : undefined,
    });
    const roots =
      scored === undefined
        ? fitting
        : fitting.filter((root) => scored.has(root.id)).slice(0, limit);
    const reader = createTraceReader(store);
    const treatment = await displayTreatment(store, context.options);
    const rows: SessionListRow[] = roots.map((root) => {
      const totals = totalsOf(store, reader, root, treatment);
      const { sessionId } = root;
      const shortId = uniquePrefixes([sessionId, ...neighbouringIds(store, sessionId)]).get(
        sessionId,
      );
      const agentId = root.agent === '' ? 'unknown' : treatment.redactor.text(root.agent);
      return { ...totals, sessionId, shortId, agentId };
    });
    if (context.options['json'] === true)
      context.write(`${JSON.stringify(rows.map(jsonRow), null, 2)}\n`);
    else if (rows.length === 0) context.say(nothingListed(countSessions(store)));
    else {
      context.write(renderSessionList(rows, terminalOf(context)));
      const total = countSessions(store);
      if (rows.length < total)
        context.say(
          `${rows.length} of ${total} sessions (--limit, --since, --agent choose others)`,
        );
    }
    return EXIT.done;
  } catch (error) {
    throw explainStoreFailure(error, store.path);
  } finally {
    store.close();
  }
}

function nothingListed(total: number): string {
  return total === 0
    ? 'the store holds no session yet; "agent-strace import" reads recordings into it'
    : `none of the ${total} sessions in the store fits (--since, --until, --agent, --score)`;
}

/** The title is the recorded one: what a person typed first does not get into scripts and logs unasked. */
function jsonRow(row: SessionListRow) {
  return {
    session_id: row.sessionId,
    trace_id: traceIdOf(row.sessionId),
    agent: row.agentId,
    title: row.title,
    start: new Date(row.startMicros / 1000).toISOString(),
    end: new Date(row.endMicros / 1000).toISOString(),
    duration_s: (row.endMicros - row.startMicros) / 1e6,
    state: row.state,
    outcome: row.outcome,
    models: row.models,
    tool_calls: row.toolCalls,
    errors: row.toolErrors + row.llmErrors,
    usage: row.usage,
    cost_usd: row.cost?.usd,
    cost_basis: row.cost?.basis,
  };
}
