import { objectOf } from '../json-values.ts';
import { microsOfMillis } from '../timestamps.ts';
import type { MessageRecord, PartRecord } from './message-record.ts';

/** One API call inside an assistant message. */
export interface Step {
  /** `llm:<message id>`, with a number from the second one on. */
  readonly key: string;
  readonly parts: readonly PartRecord[];
  readonly finish: PartRecord | undefined;
  readonly startMicros: number;
  /** Undefined while the call has not ended. */
  readonly endMicros: number | undefined;
  /** The newest time in the step. */
  readonly lastMicros: number;
  readonly last: boolean;
  /** Position of each text among the texts of the whole message. */
  readonly texts: ReadonlyMap<PartRecord, number>;
}

const GIVEN = new Set(['text', 'reasoning', 'tool']);

/**
 * Whether a complete answer marks no end of a step, as in the first versions: there, the next step's beginning ends it.
 */
function isUnmarked({ data, parts }: MessageRecord): boolean {
  return (
    microsOfMillis(objectOf(data.time)?.completed) !== undefined &&
    data.error === undefined &&
    !parts.some((part) => part.data.type === 'step-finish')
  );
}

/**
 * Splits an assistant message at its `step-finish` parts; without them, before each `step-start` that follows other
 * parts.
 */
export function splitSteps(message: MessageRecord): Step[] {
  const unmarked = isUnmarked(message);
  const groups: { parts: PartRecord[]; finish: PartRecord | undefined }[] = [
    { parts: [], finish: undefined },
  ];
  for (const part of message.parts) {
    let group = groups.at(-1)!;
    const isNext = unmarked
      ? part.data.type === 'step-start' && group.parts.some(isGiven)
      : group.finish !== undefined && part.data.type !== 'patch' && part.data.type !== 'snapshot';
    if (isNext) {
      group = { parts: [], finish: undefined };
      groups.push(group);
    }
    if (part.data.type === 'step-finish') group.finish = part;
    else group.parts.push(part);
  }
  const completed = microsOfMillis(objectOf(message.data.time)?.completed);
  const texts = new Map<PartRecord, number>();
  for (const part of message.parts) if (part.data.type === 'text') texts.set(part, texts.size);
  let startMicros = message.createdMicros;
  return groups.map((group, index) => {
    const last = index === groups.length - 1;
    const lastMicros = group.parts.reduce(
      (latest, part) => Math.max(latest, endOfPart(part)),
      startMicros,
    );
    const finished =
      group.finish === undefined ? undefined : (group.finish.createdMicros ?? lastMicros);
    const endMicros =
      groups.length === 1 ? (completed ?? finished) : (finished ?? (last ? completed : undefined));
    const step: Step = {
      key: index === 0 ? `llm:${message.id}` : `llm:${message.id}/${index + 1}`,
      parts: group.parts,
      finish: group.finish,
      startMicros,
      endMicros,
      lastMicros,
      last,
      texts,
    };
    startMicros = Math.max(startMicros, endMicros ?? lastMicros);
    return step;
  });
}

function isGiven(part: PartRecord): boolean {
  return GIVEN.has(String(part.data.type));
}

function endOfPart(part: PartRecord): number {
  const time = objectOf(part.data.time) ?? objectOf(objectOf(part.data.state)?.time);
  return microsOfMillis(time?.end) ?? microsOfMillis(time?.start) ?? part.createdMicros ?? 0;
}
