import { countOf, labelOf, objectOf, parsedJson } from '../json-values.ts';
import { microsOfIso } from '../timestamps.ts';

/** An answer as the event log records it. */
export interface Answer {
  /** Operation key of the LLM call. */
  readonly key: string;
  /** The subagent that got it; empty for the main agent. */
  readonly agent: string;
  readonly output: number | undefined;
  readonly atMicros: number;
  /** A row of the database has been given to it. */
  taken: boolean;
}

/** What is known of the answer that is looked for. */
export type Sought = Pick<Answer, 'agent' | 'output'> & { readonly atMicros: number | undefined };

const FARTHEST_MICROS = 60_000_000;
const MOST_LOOKED_AT = 200;

/** The answers of an event log that have a count of output tokens, in order. */
export function answersOf(log: string): Answer[] {
  const answers: Answer[] = [];
  const agentsByCall = new Map<string, string>();
  for (const row of log.split('\n')) {
    const isStart = row.includes('"subagent.started"');
    if (!isStart && !row.includes('"assistant.message"')) continue;
    const event = objectOf(parsedJson(row));
    const data = objectOf(event?.data);
    if (event === undefined || data === undefined) continue;
    const call = labelOf(isStart ? data.toolCallId : data.parentToolCallId, 300) ?? '';
    const named = labelOf(event.agentId, 200) ?? (isStart ? labelOf(data.agentId, 200) : undefined);
    if (isStart) agentsByCall.set(call, named ?? call);
    if (event.type !== 'assistant.message') continue;
    const id = labelOf(data.messageId, 200) ?? labelOf(event.id, 200);
    const output = countOf(data.outputTokens);
    const atMicros = microsOfIso(event.timestamp);
    if (id === undefined || output === undefined || atMicros === undefined) continue;
    answers.push({
      key: `llm:${id}`,
      agent: named ?? agentsByCall.get(call) ?? '',
      output,
      atMicros,
      taken: false,
    });
  }
  return answers;
}

/** The first answer that fits and was not taken before. Looks at no more than those of the time in question. */
export function takeAnswer(answers: Answer[], sought: Sought): Answer | undefined {
  const { atMicros } = sought;
  const start = atMicros === undefined ? 0 : firstSince(answers, atMicros - FARTHEST_MICROS);
  for (const answer of answers.slice(start, start + MOST_LOOKED_AT)) {
    if (atMicros !== undefined && answer.atMicros > atMicros + FARTHEST_MICROS) return undefined;
    if (answer.taken || answer.agent !== sought.agent || answer.output !== sought.output) continue;
    answer.taken = true;
    return answer;
  }
  return undefined;
}

/** Index of the first answer at or after a time; a log is in the order of time. */
function firstSince(answers: readonly Answer[], atMicros: number): number {
  let low = 0;
  let high = answers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((answers[middle]?.atMicros ?? 0) < atMicros) low = middle + 1;
    else high = middle;
  }
  return low;
}
