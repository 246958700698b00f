import type { OperationKind } from '../event.ts';
import type { Operation } from '../operation.ts';
import type { OperationFacts } from './facts.ts';
import { foldLlmCall } from './llm-call.ts';
import {
  foldCompaction,
  foldDecision,
  foldNotice,
  foldPermission,
  foldPrompt,
  foldResponse,
  foldRetrieval,
} from './moments.ts';
import { foldSubagent } from './subagent.ts';
import { foldToolCall } from './tool-call.ts';
import { foldTurn } from './turn.ts';

/** How the facts of each kind become an operation. The session itself is folded into its head and totals. */
export const FOLDS: Readonly<
  Record<Exclude<OperationKind, 'session'>, (known: OperationFacts) => Operation>
> = {
  turn: foldTurn,
  llm_call: foldLlmCall,
  tool_call: foldToolCall,
  prompt: foldPrompt,
  response: foldResponse,
  permission: foldPermission,
  compaction: foldCompaction,
  subagent: foldSubagent,
  retrieval: foldRetrieval,
  decision: foldDecision,
  notice: foldNotice,
};
