import type { FactValue } from '../../session/event.ts';
import { SESSION_KEY } from '../../session/identifiers.ts';
import { plainContent } from '../drafts.ts';
import { countOf, labelOf, objectOf, textOf } from '../json-values.ts';
import { microsOfIso } from '../timestamps.ts';
import { costOfUnits } from './credits.ts';
import { type Scene, state } from './scene.ts';

/** `session.start`, once; a resumed session states what has changed. */
export function readSessionStart(scene: Scene): void {
  const { data } = scene.event;
  const now = scene.state;
  const context = objectOf(data.context);
  now.model = labelOf(data.selectedModel, 200) ?? now.model;
  now.effort = labelOf(data.reasoningEffort, 60) ?? now.effort;
  const facts = {
    agent_version: labelOf(data.copilotVersion, 60),
    cwd: labelOf(context?.cwd),
    git_branch: labelOf(context?.branch, 300),
    git_commit: labelOf(context?.headCommit, 64),
    entrypoint: labelOf(data.producer, 100),
    model: now.model,
  };
  startSession(scene, facts);
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
  scene.out.push({ ...startDraft(scene), facts: named, atMicros });
}

function startDraft(scene: Scene) {
  const { session } = scene.state;
  const { timeBasis } = scene.event;
  return {
    session,
    kind: 'session_start' as const,
    capture: 'transcript' as const,
    eventId: 'session_start',
    operationKey: SESSION_KEY,
    timeBasis,
  };
}

export function readModelChange(scene: Scene): void {
  const { data } = scene.event;
  scene.state.model = labelOf(data.newModel, 200) ?? scene.state.model;
  scene.state.effort = labelOf(data.reasoningEffort, 60);
}

export function readTitle(scene: Scene): void {
  const title = labelOf(scene.event.data.title, 500);
  if (title !== undefined) state(scene, 'session_info', SESSION_KEY, { title });
}

const USAGE: Readonly<Record<string, string>> = {
  inputTokens: 'usage_input',
  outputTokens: 'usage_output',
  cacheReadTokens: 'usage_cache_read',
  cacheWriteTokens: 'usage_cache_write',
  reasoningTokens: 'usage_reasoning',
};

/** `session.shutdown`: the end, and the only place on disk that tells what went into the model: totals over all resumes. */
export function readShutdown(scene: Scene): void {
  const { data } = scene.event;
  const metrics = objectOf(data.modelMetrics) ?? {};
  const sums: Record<string, FactValue | undefined> = {};
  let requests = 0;
  for (const model of Object.keys(metrics).slice(0, 100)) {
    const metric = objectOf(metrics[model]);
    requests += countOf(objectOf(metric?.requests)?.count) ?? countOf(metric?.requests) ?? 0;
    const usage = objectOf(metric?.usage);
    for (const [field, fact] of Object.entries(USAGE)) {
      const count = countOf(usage?.[field]);
      if (count !== undefined) sums[fact] = ((sums[fact] as number | undefined) ?? 0) + count;
    }
  }
  const cost = costOfUnits(data.totalNanoAiu);
  if (Object.keys(sums).length > 0 || cost !== undefined) {
    const facts = {
      ...sums,
      usage_basis: 'session_total',
      usage_requests: requests,
      usage_raw_nano_aiu: countOf(data.totalNanoAiu),
      cost_usd: cost,
    };
    state(scene, 'session_info', SESSION_KEY, facts, { part: 'usage' });
  }
  state(scene, 'session_end', SESSION_KEY, { reason: labelOf(data.shutdownType, 100) });
}

/**
 * `session.usage_checkpoint`: what the session has cost so far, all a killed one leaves. The state of the prompt cache
 * beside it holds pieces of the system prompt and is left out.
 */
export function readCheckpoint(scene: Scene): void {
  const { totalNanoAiu } = scene.event.data;
  const cost = costOfUnits(totalNanoAiu);
  if (cost === undefined) return;
  const facts = { cost_usd: cost, usage_raw_nano_aiu: countOf(totalNanoAiu) };
  state(scene, 'session_info', SESSION_KEY, facts);
}

export function readSessionError(scene: Scene): void {
  const { data, id } = scene.event;
  const facts = { name: 'session_error', level: 'error', error_type: labelOf(data.errorType, 100) };
  state(scene, 'notice', `notice:${id}`, facts, {
    contents: [plainContent('error', textOf(data.message))],
  });
}

export function readCompactionStart(scene: Scene): void {
  scene.state.compaction = { id: scene.event.id, at: scene.event.atMicros };
}

/** `session.compaction_complete`: with what it saved and what it cost. */
export function readCompactionEnd(scene: Scene): void {
  const { data, id, atMicros } = scene.event;
  const begun = scene.state.compaction;
  scene.state.compaction = undefined;
  const key = `compaction:${begun?.id ?? id}`;
  const startMicros = begun === undefined ? atMicros : Math.min(begun.at, atMicros);
  const facts = {
    tokens_before: countOf(data.preCompactionTokens),
    tokens_after: countOf(data.postCompactionTokens),
    duration_us: begun === undefined ? undefined : atMicros - startMicros,
  };
  state(scene, 'compaction', key, facts, {
    atMicros: startMicros,
    contents: [plainContent('summary', textOf(data.summaryContent))],
  });
  const used = objectOf(data.compactionTokensUsed);
  if (used === undefined) return;
  const usage = {
    compacted: true,
    usage_basis: 'exact',
    usage_input: countOf(used.input) ?? countOf(used.inputTokens),
    usage_output: countOf(used.output) ?? countOf(used.outputTokens),
    usage_cache_read: countOf(used.cachedInput) ?? countOf(used.cacheReadTokens),
    request_model: scene.state.model,
    requested_at_us: startMicros,
  };
  state(scene, 'llm_response', `llm:${key}`, usage, { part: 'usage' });
}
