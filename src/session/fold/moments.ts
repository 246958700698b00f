import { resolveOperationKey } from '../identifiers.ts';
import type {
  CompactionOperation,
  DecisionOperation,
  NoticeOperation,
  PermissionOperation,
  PromptOperation,
  ResponseOperation,
  RetrievalOperation,
} from '../operation.ts';
import { momentOf, operationBase } from './base.ts';
import {
  contentsOf,
  integerFact,
  listFact,
  type OperationFacts,
  strongestFact,
  textFact,
} from './facts.ts';
import { sourceOf } from './tool-call.ts';

/** Operations that happen at one moment; their end differs from their start only where a duration was recorded. */
function spanOf(known: OperationFacts) {
  const span = momentOf(known);
  const duration = integerFact(known.merged, 'duration_us');
  if (duration === undefined) return span;
  return {
    start: span.start,
    end: { atMicros: span.start.atMicros + duration, basis: 'recorded' as const },
  };
}

export function foldPrompt(known: OperationFacts): PromptOperation {
  return {
    kind: 'prompt',
    ...operationBase(known, momentOf(known), contentsOf(known)),
    origin: textFact(known.merged, 'origin'),
    promptName: textFact(known.merged, 'prompt_name'),
    promptVersion: textFact(known.merged, 'prompt_version'),
    promptHash: textFact(known.merged, 'prompt_hash'),
  };
}

export function foldResponse(known: OperationFacts): ResponseOperation {
  const llm = textFact(known.merged, 'llm');
  return {
    kind: 'response',
    ...operationBase(known, momentOf(known), contentsOf(known)),
    llmCallId: llm === undefined ? undefined : resolveOperationKey(known.events[0]!.session, llm),
  };
}

const DECISION_ORDER = ['unknown', 'ask', 'allow', 'deny'] as const;

export function foldPermission(known: OperationFacts): PermissionOperation {
  const wait = integerFact(known.merged, 'wait_us');
  return {
    kind: 'permission',
    ...operationBase(known, momentOf(known), contentsOf(known)),
    decision: strongestFact(known, 'decision', DECISION_ORDER) ?? 'unknown',
    source: sourceOf(textFact(known.merged, 'source')),
    waitMicros: wait,
    toolName: textFact(known.merged, 'tool_name'),
    toolCallId: textFact(known.merged, 'tool_call_id'),
    reason: textFact(known.merged, 'reason'),
  };
}

export function foldCompaction(known: OperationFacts): CompactionOperation {
  return {
    kind: 'compaction',
    ...operationBase(known, spanOf(known), contentsOf(known)),
    trigger: textFact(known.merged, 'trigger'),
    tokensBefore: integerFact(known.merged, 'tokens_before'),
    tokensAfter: integerFact(known.merged, 'tokens_after'),
  };
}

export function foldRetrieval(known: OperationFacts): RetrievalOperation {
  const type = textFact(known.merged, 'error_type');
  return {
    kind: 'retrieval',
    ...operationBase(known, spanOf(known), contentsOf(known)),
    dataSource: textFact(known.merged, 'data_source'),
    topK: integerFact(known.merged, 'top_k'),
    documentCount: integerFact(known.merged, 'document_count'),
    error:
      type === undefined ? undefined : { type, message: textFact(known.merged, 'error_message') },
  };
}

export function foldDecision(known: OperationFacts): DecisionOperation {
  return {
    kind: 'decision',
    ...operationBase(known, momentOf(known), contentsOf(known)),
    choice: textFact(known.merged, 'choice'),
    alternatives: listFact(known.merged, 'alternatives'),
  };
}

/** What a notice has a place of its own for, and what only orders its versions. */
const NOT_TOLD: ReadonlySet<string> = new Set(['name', 'level', 'revision']);

export function foldNotice(known: OperationFacts): NoticeOperation {
  const facts: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(known.merged)) {
    if (!NOT_TOLD.has(name) && value !== undefined && typeof value !== 'object')
      facts[name] = value;
  }
  const level = textFact(known.merged, 'level');
  return {
    kind: 'notice',
    ...operationBase(known, momentOf(known), contentsOf(known)),
    name: textFact(known.merged, 'name') ?? 'notice',
    level: level === 'warning' || level === 'error' ? level : 'info',
    facts,
  };
}
