import type { FileAccess, OperationError, ToolCallOperation, ToolOutcome } from '../operation.ts';
import { operationBase } from './base.ts';
import {
  contentsOf,
  earliest,
  integerFact,
  largestFact,
  latest,
  listFact,
  type Moment,
  type OperationFacts,
  strongestFact,
  textFact,
} from './facts.ts';

/** Which statement about the result wins, weakest first: a person's refusal is never outvoted by a status. */
const OUTCOME_ORDER: readonly ToolOutcome[] = ['unknown', 'ok', 'error', 'interrupted', 'denied'];

const DECISION_ORDER = ['unknown', 'ask', 'allow', 'deny'] as const;

/** A recorded duration beats a difference of times; a hook's exact times beat a transcript's line times. */
function timesOf(known: OperationFacts): { start: Moment; end: Moment | undefined } {
  const call = earliest(known, ['tool_call']);
  const result = latest(known, ['tool_result']);
  const duration = largestFact(known, 'duration_us');
  const fallback = earliest(known, ['tool_result', 'tool_info'])!;
  if (result === undefined) return { start: call ?? fallback, end: undefined };
  if (duration === undefined) {
    const end: Moment = { atMicros: result.atMicros, basis: result.basis };
    return { start: call ?? result, end };
  }
  if (call !== undefined && call.basis === 'recorded') {
    return { start: call, end: { atMicros: call.atMicros + duration, basis: 'recorded' } };
  }
  // The line of the call precedes the permission wait, so the recorded duration counts back from the result.
  const startMicros = Math.max(result.atMicros - duration, call?.atMicros ?? 0);
  return {
    start: { atMicros: startMicros, basis: 'recorded' },
    end: { atMicros: result.atMicros, basis: 'recorded' },
  };
}

const ACTIONS = new Set(['read', 'write', 'delete', 'move']);

function filesOf(known: OperationFacts): FileAccess[] {
  const files: FileAccess[] = [];
  const seen = new Set<string>();
  for (const event of known.events) {
    for (const entry of listFact(event.facts, 'files') ?? []) {
      const cut = entry.indexOf(':');
      const action = entry.slice(0, cut);
      if (!ACTIONS.has(action) || seen.has(entry)) continue;
      seen.add(entry);
      files.push({ action: action as FileAccess['action'], path: entry.slice(cut + 1) });
    }
  }
  return files;
}

function errorOf(known: OperationFacts, outcome: ToolOutcome): OperationError | undefined {
  if (outcome !== 'error') return undefined;
  return {
    type: textFact(known.merged, 'error_type') ?? 'tool_error',
    message: textFact(known.merged, 'error_message'),
  };
}

export function foldToolCall(known: OperationFacts): ToolCallOperation {
  const facts = known.merged;
  const outcome = strongestFact(known, 'outcome', OUTCOME_ORDER) ?? 'unknown';
  const decision = strongestFact(known, 'decision', DECISION_ORDER);
  const toolType = textFact(facts, 'tool_type');
  return {
    kind: 'tool_call',
    ...operationBase(known, timesOf(known), contentsOf(known)),
    callId: textFact(facts, 'call_id'),
    name: textFact(facts, 'name') ?? 'unknown',
    toolType:
      toolType === 'mcp' || toolType === 'extension' || toolType === 'datastore'
        ? toolType
        : 'function',
    outcome,
    error: errorOf(known, outcome),
    mcpServer: textFact(facts, 'mcp_server'),
    mcpTool: textFact(facts, 'mcp_tool'),
    mcpSessionId: textFact(facts, 'mcp_session_id'),
    mcpTransport: textFact(facts, 'mcp_transport'),
    exitCode: integerFact(facts, 'exit_code'),
    executable: textFact(facts, 'executable'),
    httpStatus: integerFact(facts, 'http_status'),
    skill: textFact(facts, 'skill'),
    files: filesOf(known),
    retryCount: integerFact(facts, 'retry_count'),
    retryReason: textFact(facts, 'retry_reason'),
    traceparent: textFact(facts, 'traceparent'),
    description: textFact(facts, 'description'),
    callDigest: textFact(facts, 'call_digest'),
    decision:
      decision === undefined
        ? undefined
        : {
            decision,
            source: sourceOf(textFact(facts, 'decision_source')),
            waitMicros: integerFact(facts, 'wait_us'),
          },
  };
}

const SOURCES = ['user', 'rule', 'hook', 'classifier', 'unknown'] as const;

/** Who decided; anything a recording calls differently is `unknown`. */
export function sourceOf(text: string | undefined): (typeof SOURCES)[number] | undefined {
  if (text === undefined) return undefined;
  return SOURCES.find((source) => source === text) ?? 'unknown';
}
