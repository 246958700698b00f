// The exports of `agent-strace/mapper`, for authors of their own vocabulary.
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

// The answers of an external mapper may contain undefined for what was not recorded; those of built-in mappers may
// not.
type Gappy = strict.GappyAttributes;
export type Mapper = strict.Mapper<Gappy>;
export type RootEvent = strict.RootEvent<Gappy>;
export type SpanDraft = strict.SpanDraft<Gappy>;
export type SpanEventDraft = strict.SpanEventDraft<Gappy>;
export type SpanLinkDraft = strict.SpanLinkDraft<Gappy>;

/** Types a mapper module's default export, so that editors know the contract without a class. */
export function defineMapper(mapper: Mapper): Mapper {
  return mapper;
}
