import type { Facts } from '../session/event.ts';
import { SESSION_KEY } from '../session/identifiers.ts';
import { recordLlmCall } from './recorded-llm-call.ts';
import { recordRetrieval, recordToolCall } from './recorded-tool-call.ts';
import type { RecordedSession } from './recorder-api.ts';
import type { SessionScene } from './session-scene.ts';
import { count, plainText, templateFacts, word } from './stated-values.ts';

/** The methods with which a host describes its session. */
export function recordedSession(scene: SessionScene): RecordedSession {
  const { safely } = scene;
  return {
    id: scene.session,
    traceId: scene.traceId,
    prompt: (text, options) =>
      safely(() => prompt(scene, text, options?.origin, templateFacts(options?.template))),
    response: (text) =>
      safely(() =>
        scene.state('response', {
          key: scene.newKey('response'),
          parent: scene.parent(),
          contents: plainText('text', text),
        }),
      ),
    llmCall: (request, call) => recordLlmCall(scene, request, call),
    toolCall: (request, run) => recordToolCall(scene, request, run),
    retrieval: (request, run) => recordRetrieval(scene, request, run),
    decision: (decision) =>
      safely(() =>
        scene.state('decision', {
          key: scene.newKey('decision'),
          parent: scene.parent(),
          facts: {
            choice: word(decision?.choice),
            alternatives: Array.isArray(decision?.alternatives)
              ? decision.alternatives.map(String)
              : undefined,
          },
          contents: plainText('text', decision?.reason),
        }),
      ),
    permission: (permission) =>
      safely(() =>
        scene.state('permission', {
          key: scene.newKey('permission'),
          parent: scene.parent(),
          facts: {
            decision: word(permission?.decision) ?? 'unknown',
            source: word(permission?.source),
            tool_name: word(permission?.tool),
            tool_call_id: word(permission?.callId),
            reason: word(permission?.reason),
            wait_us: micros(permission?.waitMillis),
          },
        }),
      ),
    end: (outcome) => safely(() => end(scene, word(outcome) ?? 'success')),
  };
}

/** A number of milliseconds in microseconds; undefined for anything else. */
function micros(millis: unknown): number | undefined {
  return typeof millis === 'number' ? count(millis * 1000) : undefined;
}

function prompt(
  scene: SessionScene,
  text: string,
  origin: string | undefined,
  template: Facts,
): void {
  endTurn(scene, 'completed');
  const turn = scene.newKey('turn');
  const key = scene.newKey('prompt');
  scene.turn = turn;
  const from = word(origin) ?? 'human';
  scene.state('turn_start', { key: turn, part: 'start', facts: { origin: from } });
  scene.state('prompt', {
    key,
    parent: turn,
    facts: { origin: from, ...template },
    contents: plainText('text', text),
  });
  scene.addInput('user', key);
}

const TURN_OUTCOMES: { readonly [outcome: string]: string } = {
  success: 'completed',
  error: 'error',
  interrupted: 'interrupted',
};

function endTurn(scene: SessionScene, outcome: string): void {
  if (scene.turn === undefined) return;
  scene.state('turn_end', { key: scene.turn, part: 'end', facts: { outcome } });
  scene.turn = undefined;
}

function end(scene: SessionScene, outcome: string): void {
  if (scene.ended) return;
  scene.ended = true;
  endTurn(scene, TURN_OUTCOMES[outcome] ?? 'unknown');
  scene.state('session_end', {
    key: SESSION_KEY,
    part: `end/${scene.newKey('end')}`,
    facts: { outcome },
  });
}
