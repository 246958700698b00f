import { userTextOf } from '../claude-prompt-text.ts';
import { textOf } from '../json-values.ts';
import { promptText } from './block-text.ts';
import { type Fact, IGNORED, type LineResult, notice, parsed, text } from './fact.ts';
import type { Line } from './line.ts';
import type { AbsorbedPrompt, Memory } from './memory.ts';
import { endOfNotified } from './subagent.ts';
import { parentKeyOf } from './turn.ts';

/** Reason that a `remove` may give for a prompt that went into the current turn. */
const TAKEN_IN = 'absorbed_mid_turn';
const MOST_ABSORBED = 32;

/** Prompts typed ahead and reports of background tasks: they enter the queue and leave it again. */
export function queueLine(line: Line, memory: Memory): LineResult {
  const said = promptText(line.record.content);
  const { operation } = line.record;
  if (operation === 'enqueue') return enqueued(line, memory, said);
  if (operation === 'dequeue') memory.queue.shift(); // comes again as a user line
  if (operation === 'popAll') memory.queue = []; // back to the user
  if (operation === 'remove') takeOut(line, memory, said);
  return IGNORED;
}

function enqueued(line: Line, memory: Memory, said: string): LineResult {
  const { is } = userTextOf(said);
  memory.enqueue(is === 'typed' || is === 'command' || is === 'notification' ? said : '');
  if (said === '') return IGNORED;
  if (is === 'notification') return parsed(endOfNotified(line, memory, said));
  return parsed([notice(line, { name: 'queued_prompt', level: 'info' }, said)]);
}

/** Only some versions say which entry was removed; otherwise it is the oldest one. */
function takeOut(line: Line, memory: Memory, said: string): void {
  const at = said === '' ? 0 : memory.queue.indexOf(said);
  const taken = at < 0 ? '' : memory.queue.splice(at, 1)[0];
  const reason = textOf(line.record.reason) ?? TAKEN_IN;
  if (taken === undefined || taken === '' || reason !== TAKEN_IN || memory.tellsGiven) return;
  const prompt = { text: taken, atMicros: line.atMicros, place: line.place() };
  memory.absorbed = [...memory.absorbed.slice(-MOST_ABSORBED), prompt];
}

/**
 * A line of its own reports the prompt, before it leaves the queue or after. Pasted text reads differently in the
 * queue.
 */
export function markReported(memory: Memory): void {
  memory.tellsGiven = true;
  memory.absorbed = [];
}

/**
 * The prompts and reports that went into the turn since the last call and are recorded only in the queue: before
 * 2.1.101 there was no `queued_command` for them.
 */
export function absorbedPrompts(line: Line, memory: Memory): Fact[] {
  if (line.lane !== '' || memory.absorbed.length === 0) return [];
  const prompts = memory.absorbed;
  memory.absorbed = [];
  return prompts.map((prompt) => {
    const meant = userTextOf(prompt.text);
    if (meant.is === 'notification') return absorbedReport(line, prompt);
    const key = `prompt:queued/${prompt.place}`;
    memory.addInput('', `user:${key}`);
    return {
      kind: 'prompt',
      eventId: `queued/${prompt.place}/prompt`,
      key,
      parent: parentKeyOf(line, memory),
      atMicros: prompt.atMicros,
      facts: {
        command: meant.is === 'command' ? meant.command : undefined,
        prompt_source: 'queued',
      },
      contents: [text('text', 'text' in meant ? meant.text : prompt.text)],
    };
  });
}

function absorbedReport(line: Line, { text: said, atMicros, place }: AbsorbedPrompt): Fact {
  const id = `queued/${place}/report`;
  const told = notice(line, { name: 'task_notification', level: 'info' }, said);
  return { ...told, eventId: id, key: `notice:${id}`, atMicros };
}
