// What `agent-strace/mapper` offers to somebody who writes a vocabulary of their own.
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
export type {
  SessionHead,
  SessionOutcome,
  SessionState,
  SessionTotals,
} from '../session/session.ts';
export type {
  Attributes,
  AttributeValue,
  ContentPolicy,
  Mapper,
  MapperOptions,
  RootEvent,
  SpanDraft,
  SpanEventDraft,
  SpanLinkDraft,
} from './mapper.ts';
export { defineMapper, SPAN_KIND } from './mapper.ts';
