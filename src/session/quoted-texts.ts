import type { ContentName } from './event.ts';
import type { MessagePartRef } from './operation.ts';

/** Which of an operation's texts each type of message part quotes, in order of preference. */
export const QUOTED_TEXTS: { readonly [type in MessagePartRef['type']]: readonly ContentName[] } = {
  text: ['text', 'summary', 'input', 'output'],
  reasoning: ['reasoning'],
  tool_call: ['input'],
  tool_call_response: ['output', 'error'],
};
