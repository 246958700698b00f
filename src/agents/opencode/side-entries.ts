import { plainContent } from '../drafts.ts';
import { executableOf } from '../executable.ts';
import { entryOf, integerOf, labelOf, objectOf, textOf } from '../json-values.ts';
import { microsOfMillis } from '../timestamps.ts';
import type { EntryRecord } from './entry.ts';
import { errorFacts, errorText } from './failures.ts';
import { type Conversation, callKey, state } from './scene.ts';
import { costFact, hasTokens, usageFacts } from './tokens.ts';

const IDLE: Readonly<Record<string, string>> = {
  succeeded: 'completed',
  failed: 'error',
  interrupted: 'interrupted',
};

/** Outcome of a command that did not exit by itself. */
const STOPPED: Readonly<Record<string, string>> = { timeout: 'error', killed: 'interrupted' };

/** A command that the user ran through the program. */
export function stateShell(talk: Conversation, entry: EntryRecord): void {
  const { id, data, createdMicros, updatedMillis } = entry;
  const callId = labelOf(data.callID, 300) ?? labelOf(data.shellID, 300) ?? id;
  const key = callKey(talk, callId, id);
  // The first 2.x versions kept the fields of the command together.
  const shell = objectOf(data.shell) ?? data;
  const command = textOf(shell.command);
  const call = { eventId: `${id}/call`, operationKey: key, atMicros: createdMicros };
  const facts = {
    call_id: callId,
    name: 'shell',
    tool_type: 'function',
    executable: executableOf(command),
  };
  const input =
    command === undefined
      ? undefined
      : {
          name: 'input' as const,
          text: JSON.stringify({ command }),
          media: 'application/json' as const,
        };
  state(talk, 'tool_call', { ...call, facts, contents: [input] }, updatedMillis);
  const completed = microsOfMillis(objectOf(data.time)?.completed);
  const exitCode = integerOf(shell.exit);
  const stopped = entryOf(STOPPED, labelOf(shell.status, 60));
  const isOver = completed !== undefined || exitCode !== undefined || stopped !== undefined;
  if (!isOver && (data.output === undefined || shell.status === 'running')) return;
  const result = {
    eventId: `${id}/result`,
    operationKey: key,
    atMicros: completed ?? createdMicros,
  };
  const failed = exitCode !== undefined && exitCode !== 0;
  const outcome = stopped ?? (failed ? 'error' : 'ok');
  const output = textOf(data.output) ?? textOf(objectOf(data.output)?.output);
  const given = {
    outcome,
    exit_code: exitCode,
    error_type: outcome === 'error' ? (stopped === undefined ? 'exit_code' : 'timeout') : undefined,
  };
  state(
    talk,
    'tool_result',
    { ...result, facts: given, contents: [plainContent('output', output)] },
    updatedMillis,
  );
}

/** A failed compaction has compacted nothing; a running one not yet. */
export function stateCompaction(talk: Conversation, entry: EntryRecord): void {
  const { id, data, createdMicros: atMicros, updatedMillis } = entry;
  const status = labelOf(data.status, 60);
  const facts = { trigger: labelOf(data.reason, 60) };
  const failure = errorFacts(data.error);
  const error = plainContent('error', errorText(data.error));
  if (status === 'failed') {
    const level = failure.aborted === true ? 'warning' : 'error';
    const notice = { eventId: `${id}/failed`, operationKey: `notice:${id}`, atMicros };
    const told = { name: 'compaction_failed', level, ...facts, ...failure };
    state(talk, 'notice', { ...notice, facts: told, contents: [error] }, updatedMillis);
  } else if (status !== 'running') {
    const fact = { eventId: `${id}/compaction`, operationKey: `compaction:${id}`, atMicros };
    const contents = [plainContent('summary', textOf(data.summary))];
    state(talk, 'compaction', { ...fact, facts, contents }, updatedMillis);
  }
  if (!hasTokens(data.tokens)) return;
  const model = objectOf(data.model);
  const used = {
    ...usageFacts(data.tokens),
    request_model: labelOf(model?.id, 200),
    provider: labelOf(model?.providerID, 100),
    cost_usd: costFact(data.cost),
    compacted: true,
    ...failure,
  };
  const fact = { eventId: `${id}/usage`, operationKey: `llm:${id}`, atMicros };
  state(talk, 'llm_response', { ...fact, facts: used, contents: [error] }, updatedMillis);
}

export function stateIdle(talk: Conversation, entry: EntryRecord): void {
  if (talk.turn === undefined) return;
  const outcome = entryOf(IDLE, labelOf(entry.data.outcome, 60));
  const fact = {
    eventId: `${entry.id}/turn-end`,
    operationKey: talk.turn,
    atMicros: entry.createdMicros,
    facts: { outcome },
  };
  state(talk, 'turn_end', fact, entry.updatedMillis);
  talk.idleTurn = talk.turn;
  talk.turn = undefined;
}
