import type { OperationKind } from '../../session/event.ts';
import type { Mark } from '../operation-label.ts';

/** The name of a kind, in singular and plural, and its colour (a custom property of the style sheet). */
export interface KindLook {
  readonly one: string;
  readonly many: string;
  readonly color: string;
}

export const KIND_LOOKS: { readonly [kind in OperationKind]: KindLook } = {
  session: { one: 'session', many: 'Sessions', color: '--turn' },
  turn: { one: 'turn', many: 'Turns', color: '--turn' },
  prompt: { one: 'prompt', many: 'Prompts', color: '--message' },
  llm_call: { one: 'LLM call', many: 'LLM calls', color: '--llm' },
  tool_call: { one: 'tool call', many: 'Tools', color: '--tool' },
  subagent: { one: 'subagent', many: 'Subagents', color: '--agent' },
  response: { one: 'response', many: 'Responses', color: '--message' },
  permission: { one: 'permission', many: 'Permissions', color: '--note' },
  compaction: { one: 'compaction', many: 'Compactions', color: '--note' },
  retrieval: { one: 'retrieval', many: 'Retrievals', color: '--tool' },
  decision: { one: 'decision', many: 'Decisions', color: '--note' },
  notice: { one: 'notice', many: 'Notices', color: '--note' },
};

export const MARK_WORDS: { readonly [mark in Mark]: string } = {
  ok: '',
  error: 'error',
  denied: 'denied',
  interrupted: 'interrupted',
  unfinished: 'unfinished',
  silent_failure: 'silent failure',
};

/** The colour of a row: red if it failed, amber if it was stopped, otherwise that of its kind. */
export function colorOf(kind: OperationKind, mark: Mark): string {
  if (mark === 'error' || mark === 'denied') return '--bad';
  if (mark === 'silent_failure') return '--warn';
  return KIND_LOOKS[kind].color;
}
