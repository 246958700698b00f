import { expect, test } from 'vitest';
import { copilot } from '../../../src/agents/copilot/copilot.ts';
import { jsonl, ofKind, operationsOf, readText } from '../reading.ts';

const event = (second: number, type: string, data: object = {}) => ({
  type,
  id: `e${second}-${type}`,
  timestamp: `2026-11-01T09:00:${String(second).padStart(2, '0')}.000Z`,
  data,
});

const START = [
  event(0, 'session.start', { sessionId: 's1', copilotVersion: '1.0.99' }),
  event(1, 'user.message', { content: 'Look around', interactionId: 'i1' }),
  event(2, 'assistant.turn_start', { turnId: '0' }),
];
const ANSWER = event(9, 'assistant.message', { messageId: 'm1', content: 'Calm sea.' });
const read = (...events: object[]) =>
  readText(copilot, jsonl([...START, ...events]), { path: '/copilot/s1/events.jsonl' });

test.each([
  'agent.interrupted',
  'assistant.fusion_phase_activity',
  'assistant.fusion_phase_started',
  'assistant.idle',
  'assistant.server_tool_progress',
  'assistant.tool_call_delta',
  'human_response.recorded',
  'model.call_final_result',
  'model.call_finished',
  'model.call_start',
  'permission.carriedForward',
  'permission.messageAuthorizationRead',
  'prompt_cache_break',
  'sandbox.decision',
  'session.auto_tier_recommendation',
  'session.completion_receipt',
  'session.custom_notification',
  'session.extensions.attachments_pushed',
  'session.fusion_completed',
  'session.fusion_resolved',
  'session.indexed_search',
  'session.managed_settings_resolved',
  'session.permission_recovery',
  'session.quota_observation',
  'session_limits_exhausted.requested',
  'tool.shell_output',
  'ui.ephemeral_query',
  'workflow.run_settled',
])('%s is known and left out', (type) => {
  expect(read(event(3, type)).verdicts.at(-1)).toBe('ignored');
});

test('an answer that came at the second attempt tells how often and why it was asked for anew', () => {
  const { events, shapes } = read(
    event(3, 'assistant.turn_retry', { turnId: '0', reason: 'rate_limit' }),
    event(6, 'assistant.turn_retry', { turnId: '0', reason: 'transport' }),
    ANSWER,
    event(9, 'assistant.turn_end', { turnId: '0' }),
    event(10, 'assistant.message', { messageId: 'm2', content: 'Still calm.' }),
  );
  expect(shapes).toEqual([]);
  expect(ofKind(operationsOf(events), 'llm_call')).toMatchObject([
    { retryCount: 2, retryReason: 'transport' },
    { retryCount: undefined },
  ]);
});

test('a call of the API that failed is a notice, and the turn goes on where an answer comes', () => {
  const failure = event(4, 'model.call_failure', {
    source: 'top_level',
    statusCode: 429,
    failureKind: 'api',
    errorMessage: 'Too many boats',
  });
  const { events, shapes } = read(failure, ANSWER, event(9, 'assistant.turn_end'));
  expect(shapes).toEqual([]);
  const operations = operationsOf(events);
  expect(ofKind(operations, 'notice')).toMatchObject([
    { name: 'model_call_failure', level: 'error', contents: [{ name: 'error' }] },
  ]);
  expect(ofKind(operations, 'turn')).toMatchObject([{ outcome: 'completed' }]);
});

test('a compaction whose start was not written lasts as long as it says', () => {
  const used = { inputTokens: 900, outputTokens: 90, duration: 3000 };
  const { events } = read(
    event(8, 'session.compaction_complete', { success: true, compactionTokensUsed: used }),
  );
  const [call] = ofKind(operationsOf(events), 'llm_call');
  expect(call).toMatchObject({ usage: { input: 900, output: 90 } });
  expect(call!.endMicros! - call!.startMicros).toBe(3_000_000);
});

test('retries that no answer came of are none of the next answer', () => {
  const { events } = read(
    event(3, 'assistant.turn_retry', { turnId: '0', reason: 'rate_limit' }),
    event(4, 'session.error', { errorType: 'rate_limit', message: 'Too many boats' }),
    event(5, 'user.message', { content: 'Again', interactionId: 'i2' }),
    event(6, 'assistant.turn_start', { turnId: '0' }),
    ANSWER,
  );
  const operations = operationsOf(events);
  expect(ofKind(operations, 'llm_call').map(({ retryCount }) => retryCount)).toEqual([undefined]);
  expect(ofKind(operations, 'turn')).toMatchObject([{ outcome: 'error' }, {}]);
});

test('after a model was deselected no call was sent to it', () => {
  const { events } = read(
    event(3, 'session.model_change', { newModel: 'gpt-6' }),
    event(4, 'session.model_deselected'),
    event(9, 'assistant.message', { messageId: 'm1', content: 'Calm sea.', model: 'opus-6' }),
  );
  expect(ofKind(operationsOf(events), 'llm_call')).toMatchObject([{ requestModel: 'opus-6' }]);
});
