// What `agent-strace/mapper` offers to somebody who writes a vocabulary of their own.
import type * as strict from './mapper.ts';

export type { OperationKind } from '../session/event.ts';
export type {
  CompactionOperation,
  Content,
  Cost,
  DecisionOperation,
  FileAccess,
  LlmCallOperation,
  Message,
  MessagePart,
  NoticeOperation,
  Operation,
  OperationError,
  PermissionOperation,
  PromptOperation,
  ResponseOperation,
  RetrievalOperation,
  SubagentOperation,
  TokenUsage,
  ToolCallOperation,
  ToolOutcome,
  TurnOperation,
} from '../session/operation.ts';
export type { ContentPolicy } from '../session/run-choices.ts';
export type {
  SessionHead,
  SessionOutcome,
  SessionState,
  SessionTotals,
} from '../session/session.ts';
export type {
  AttributeValue,
  GappyAttributes as Attributes,
  MapperOptions,
} from './mapper.ts';
export { SPAN_KIND } from './mapper.ts';

// What a mapper of one's own answers may hold undefined where something was not recorded; those of the program may not.
type Gappy = strict.GappyAttributes;
export type Mapper = strict.Mapper<Gappy>;
export type RootEvent = strict.RootEvent<Gappy>;
export type SpanDraft = strict.SpanDraft<Gappy>;
export type SpanEventDraft = strict.SpanEventDraft<Gappy>;
export type SpanLinkDraft = strict.SpanLinkDraft<Gappy>;

/** Types a mapper module's default export; gives editors the contract without a class. */
export function defineMapper(mapper: Mapper): Mapper {
  return mapper;
}
