import type { FactValue } from '../../session/event.ts';
import { SESSION_KEY } from '../../session/identifiers.ts';
import { draftOf, plainContent } from '../drafts.ts';
import { countOf, type JsonObject, labelOf, objectOf, textOf } from '../json-values.ts';
import { microsOfIso } from '../timestamps.ts';
import { costOfUnits } from './credits.ts';
import { endRun, unitsWith } from './run-totals.ts';
import { laneOf, originOf, type Scene, state } from './scene.ts';
import type { Totals } from './state.ts';
import { endFailedTurn } from './turns.ts';

/** `session.start`, once; a resumed session states what has changed. */
export function readSessionStart(scene: Scene): void {
  const { data } = scene.event;
  const now = scene.state;
  endFailedTurn(scene);
  const context = objectOf(data.context);
  now.placed = now.placed === true || labelOf(context?.cwd) !== undefined;
  now.model = labelOf(data.selectedModel, 200) ?? now.model;
  now.effort = labelOf(data.reasoningEffort, 60) ?? now.effort;
  now.runOutput = 0;
  now.checked = false;
  const facts = {
    agent_version: labelOf(data.copilotVersion, 60),
    parent_session: labelOf(data.detachedFromSpawningParentSessionId, 200),
    ...placeFacts(context),
    entrypoint: labelOf(data.producer, 100),
    model: now.model,
  };
  startSession(scene, facts);
}

function placeFacts(context: JsonObject | undefined) {
  return {
    cwd: labelOf(context?.cwd),
    git_branch: labelOf(context?.branch, 300),
    git_commit: labelOf(context?.headCommit, 64),
  };
}

/** `session.context_changed`: the session's folder, if its start did not state it. */
export function readContext(scene: Scene): void {
  if (scene.state.placed === true) return;
  scene.state.placed = scene.event.data.pendingGitContext !== true;
  state(scene, 'session_info', SESSION_KEY, placeFacts(scene.event.data));
}

export function startSession(
  scene: Scene,
  facts: { readonly [name: string]: FactValue | undefined } = {},
): void {
  const again = scene.state.started;
  scene.state.started = true;
  if (again) {
    state(scene, 'session_info', SESSION_KEY, facts);
    return;
  }
  const named = { agent: 'copilot-cli', agent_name: 'GitHub Copilot CLI', ...facts };
  const started = microsOfIso(scene.event.data.startTime);
  const atMicros =
    started !== undefined && started <= scene.event.atMicros ? started : scene.event.atMicros;
  scene.state.startedAt = atMicros;
  scene.out.push(
    draftOf(originOf(scene.state, ''), 'session_start', {
      eventId: 'session_start',
      operationKey: SESSION_KEY,
      atMicros,
      timeBasis: scene.event.timeBasis,
      facts: named,
    }),
  );
}

export function readModelChange(scene: Scene): void {
  const { data } = scene.event;
  scene.state.model = labelOf(data.newModel, 200) ?? scene.state.model;
  scene.state.effort = labelOf(data.reasoningEffort, 60);
}

/** `session.model_deselected`: the program chooses the model from now on. */
export function readModelDeselected({ state: now }: Scene): void {
  now.model = undefined;
  now.effort = undefined;
}

/** Its revision counts microseconds, so it stays above that of the workspace file, which counts milliseconds. */
export function readTitle(scene: Scene): void {
  const title = labelOf(scene.event.data.title, 500);
  const revision = scene.event.atMicros;
  if (title !== undefined) state(scene, 'session_info', SESSION_KEY, { title, revision });
}

const USAGE: Readonly<Record<string, string>> = {
  inputTokens: 'usage_input',
  outputTokens: 'usage_output',
  cacheReadTokens: 'usage_cache_read',
  cacheWriteTokens: 'usage_cache_write',
  reasoningTokens: 'usage_reasoning',
};

/** `session.shutdown`: the end, and the only place on disk with the model's input tokens. */
export function readShutdown(scene: Scene): void {
  const { data } = scene.event;
  endFailedTurn(scene);
  const stated = statedTotals(objectOf(data.modelMetrics) ?? {});
  const { totals, units } = endRun(scene.state, stated, countOf(data.totalNanoAiu));
  const cost = costOfUnits(units);
  if (Object.keys(totals).length > 0 || cost !== undefined) {
    const facts = {
      ...totals,
      usage_basis: 'session_total',
      usage_raw_nano_aiu: units,
      cost_usd: cost,
    };
    state(scene, 'session_info', SESSION_KEY, facts, { part: 'usage' });
  }
  stateShutdownError(scene);
  state(scene, 'session_end', SESSION_KEY, { reason: labelOf(data.shutdownType, 100) });
}

/** Why the program shut down: a fact of the session rather than a turn, because the last turn may be long over. */
function stateShutdownError(scene: Scene): void {
  const { data, id, atMicros, timeBasis } = scene.event;
  const error = plainContent('error', textOf(data.errorReason));
  if (error === undefined) return;
  scene.out.push(
    draftOf(originOf(scene.state, ''), 'notice', {
      eventId: `${id}/error`,
      operationKey: `notice:${id}`,
      atMicros,
      timeBasis,
      facts: { name: 'session_error', level: 'error' },
      contents: [error],
    }),
  );
}

function statedTotals(metrics: JsonObject): Totals {
  const sums: Record<string, number> = {};
  const add = (name: string, count: number | undefined) => {
    if (count !== undefined) sums[name] = (sums[name] ?? 0) + count;
  };
  for (const model of Object.keys(metrics).slice(0, 100)) {
    const metric = objectOf(metrics[model]);
    add('usage_requests', countOf(objectOf(metric?.requests)?.count) ?? countOf(metric?.requests));
    const usage = objectOf(metric?.usage);
    for (const [field, fact] of Object.entries(USAGE)) add(fact, countOf(usage?.[field]));
  }
  return sums;
}

/**
 * `session.usage_checkpoint`: the session's cost so far, and all that a killed session leaves. The state of the prompt
 * cache beside it contains pieces of the system prompt and is left out.
 */
export function readCheckpoint(scene: Scene): void {
  const stated = countOf(scene.event.data.totalNanoAiu);
  if (stated === undefined) return;
  scene.state.checked = true;
  const units = unitsWith(scene.state, stated, true);
  const cost = costOfUnits(units);
  if (cost === undefined) return;
  state(scene, 'session_info', SESSION_KEY, { cost_usd: cost, usage_raw_nano_aiu: units });
}

/** An error of the session or of one API call. Its turn has failed unless an answer follows. */
export function readError(scene: Scene, name: string): void {
  const { data, id } = scene.event;
  const facts = {
    name,
    level: 'error',
    error_type: labelOf(data.errorType, 100) ?? labelOf(data.failureKind, 100),
    http_status: countOf(data.statusCode),
  };
  const lane = laneOf(scene);
  if (lane.ended !== true) lane.failedAt = scene.event.atMicros;
  state(scene, 'notice', `notice:${id}`, facts, {
    contents: [plainContent('error', textOf(data.message) ?? textOf(data.errorMessage))],
  });
}

export function readCompactionStart(scene: Scene): void {
  const { id, atMicros, data } = scene.event;
  const model = labelOf(data.model, 200);
  scene.state.compaction = { id, at: atMicros, model, trigger: labelOf(data.trigger, 60) };
}

/** `session.compaction_complete`: with what it saved and what it cost. A failed one has compacted nothing. */
export function readCompactionEnd(scene: Scene): void {
  const { data, id, atMicros } = scene.event;
  const begun = scene.state.compaction;
  scene.state.compaction = undefined;
  const key = `compaction:${begun?.id ?? id}`;
  const startMicros = begun === undefined ? atMicros : Math.min(begun.at, atMicros);
  const failed = data.success === false;
  if (failed) {
    const facts = {
      name: 'compaction_failed',
      level: 'error',
      http_status: countOf(data.statusCode),
    };
    const contents = [plainContent('error', textOf(data.error))];
    state(scene, 'notice', `notice:${id}`, facts, { contents });
  } else {
    const facts = {
      trigger: labelOf(data.trigger, 60) ?? begun?.trigger,
      tokens_before: countOf(data.preCompactionTokens),
      tokens_after: countOf(data.postCompactionTokens),
      duration_us: begun === undefined ? undefined : atMicros - startMicros,
    };
    const contents = [plainContent('summary', textOf(data.summaryContent))];
    state(scene, 'compaction', key, facts, { atMicros: startMicros, contents });
  }
  const used = objectOf(data.compactionTokensUsed);
  if (used === undefined) return;
  const duration = countOf(used.duration);
  const usage = {
    compacted: true,
    usage_basis: 'exact',
    usage_input: countOf(used.input) ?? countOf(used.inputTokens),
    usage_output: countOf(used.output) ?? countOf(used.outputTokens),
    usage_cache_read: countOf(used.cachedInput) ?? countOf(used.cacheReadTokens),
    usage_cache_write: countOf(used.cacheWriteTokens),
    cost_usd: costOfUnits(objectOf(used.copilotUsage)?.totalNanoAiu),
    request_model: labelOf(used.model, 200) ?? begun?.model ?? scene.state.model,
    requested_at_us: startMicros,
    duration_us: duration === undefined ? undefined : duration * 1000,
  };
  state(scene, 'llm_response', `llm:${key}`, usage, { part: 'usage' });
}
