import type { NoticeShape } from '../hook-draft.ts';
import { labelOf } from '../json-values.ts';
import { plainHooks, sessionEnded, sessionTold } from '../plain-hooks.ts';

const SHAPE: NoticeShape = {
  leftOut: new Set([
    'sessionId',
    'session_id',
    'timestamp',
    'cwd',
    'hook_event_name',
    'transcriptPath',
    'transcript_path',
  ]),
  texts: new Set([
    'prompt',
    'initialPrompt',
    'toolArgs',
    'toolResult',
    'error',
    'message',
    'title',
  ]),
};

/**
 * The hooks of GitHub Copilot CLI. Their payloads name neither prompts nor calls, so that those are told by its event
 * log alone; the hooks tell when the session begins and ends, by which process, and what happened beside.
 */
export const copilotHooks = plainHooks({
  agent: 'copilot',
  product: 'copilot-cli',
  name: 'GitHub Copilot CLI',
  startEvent: 'sessionStart',
  place: (payload) => {
    const session = labelOf(payload.sessionId, 200) ?? labelOf(payload.session_id, 200);
    return session === undefined || session.includes('\n') ? undefined : { session };
  },
  shape: SHAPE,
  handlers: new Map([
    ['sessionStart', sessionTold],
    ['sessionEnd', sessionEnded],
  ]),
});
