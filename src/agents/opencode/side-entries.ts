import { jsonContent, plainContent } from '../drafts.ts';
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
  state(talk, 'tool_call', {
    eventId: `${id}/call`,
    operationKey: key,
    atMicros: createdMicros,
    facts: {
      call_id: callId,
      name: 'shell',
      tool_type: 'function',
      executable: executableOf(command),
    },
    contents: [command === undefined ? undefined : jsonContent('input', { command })],
    revision: updatedMillis,
  });
  const completed = microsOfMillis(objectOf(data.time)?.completed);
  const exitCode = integerOf(shell.exit);
  const stopped = entryOf(STOPPED, labelOf(shell.status, 60));
  const isOver = completed !== undefined || exitCode !== undefined || stopped !== undefined;
  if (!isOver && (data.output === undefined || shell.status === 'running')) return;
  const failed = exitCode !== undefined && exitCode !== 0;
  const outcome = stopped ?? (failed ? 'error' : 'ok');
  const output = textOf(data.output) ?? textOf(objectOf(data.output)?.output);
  const failure = stopped === undefined ? 'exit_code' : 'timeout';
  state(talk, 'tool_result', {
    eventId: `${id}/result`,
    operationKey: key,
    atMicros: completed ?? createdMicros,
    facts: {
      outcome,
      exit_code: exitCode,
      error_type: outcome === 'error' ? failure : undefined,
    },
    contents: [plainContent('output', output)],
    revision: updatedMillis,
  });
}

/** A failed compaction has compacted nothing; a running one not yet. */
export function stateCompaction(talk: Conversation, entry: EntryRecord): void {
  const { id, data, createdMicros: atMicros, updatedMillis: revision } = entry;
  const status = labelOf(data.status, 60);
  const facts = { trigger: labelOf(data.reason, 60) };
  const failure = errorFacts(data.error);
  const error = plainContent('error', errorText(data.error));
  if (status === 'failed') {
    const level = failure.aborted === true ? 'warning' : 'error';
    state(talk, 'notice', {
      eventId: `${id}/failed`,
      operationKey: `notice:${id}`,
      atMicros,
      facts: { name: 'compaction_failed', level, ...facts, ...failure },
      contents: [error],
      revision,
    });
  } else if (status !== 'running') {
    state(talk, 'compaction', {
      eventId: `${id}/compaction`,
      operationKey: `compaction:${id}`,
      atMicros,
      facts,
      contents: [plainContent('summary', textOf(data.summary))],
      revision,
    });
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
  state(talk, 'llm_response', {
    eventId: `${id}/usage`,
    operationKey: `llm:${id}`,
    atMicros,
    facts: used,
    contents: [error],
    revision,
  });
}

export function stateIdle(talk: Conversation, entry: EntryRecord): void {
  if (talk.turn === undefined) return;
  const outcome = entryOf(IDLE, labelOf(entry.data.outcome, 60));
  state(talk, 'turn_end', {
    eventId: `${entry.id}/turn-end`,
    operationKey: talk.turn,
    atMicros: entry.createdMicros,
    facts: { outcome },
    revision: entry.updatedMillis,
  });
  talk.idleTurn = talk.turn;
  talk.turn = undefined;
}
