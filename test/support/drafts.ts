import fc from 'fast-check';
import type { EventDraft } from '../../src/session/event.ts';

const START = 1_760_000_000_000_000;

/** A short plan of what an agent did; both sources below tell of the same thing. */
export interface Step {
  readonly type: 'prompt' | 'llm' | 'tool' | 'denied' | 'subagent';
  readonly seconds: number;
  readonly failed: boolean;
  readonly result: boolean;
}

export const steps = fc.array(
  fc.record({
    type: fc.constantFrom<Step['type']>('prompt', 'llm', 'tool', 'denied', 'subagent'),
    seconds: fc.integer({ min: -2, max: 40 }),
    failed: fc.boolean(),
    result: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
);

/** The facts a transcript would give for the plan. */
export function transcriptOf(session: string, plan: readonly Step[]): EventDraft[] {
  const drafts: EventDraft[] = [];
  let at = START;
  let turn: string | undefined;
  const common = { session, capture: 'transcript', timeBasis: 'line' } as const;
  drafts.push({
    ...common,
    kind: 'session_start',
    eventId: 'session_start',
    operationKey: 'session',
    atMicros: at,
    facts: { agent: 'claude-code' },
  });
  for (const [index, step] of plan.entries()) {
    at += step.seconds * 1_000_000;
    const key = String(index);
    if (step.type === 'prompt') {
      turn = `turn:${key}`;
      drafts.push({
        ...common,
        kind: 'turn_start',
        eventId: `${key}/turn`,
        operationKey: turn,
        atMicros: at,
        facts: {},
      });
      drafts.push({
        ...common,
        kind: 'prompt',
        eventId: `${key}/prompt`,
        operationKey: `prompt:${key}`,
        parentKey: turn,
        atMicros: at,
        facts: {},
        contents: [{ name: 'text', text: `do ${key}`, media: 'text/plain' }],
      });
    } else if (step.type === 'llm') {
      for (const block of [0, 1]) {
        drafts.push({
          ...common,
          kind: 'llm_response',
          eventId: `${key}/llm/${block}`,
          operationKey: `llm:${key}`,
          parentKey: turn,
          atMicros: at + block * 100,
          facts: {
            response_model: 'claude-opus-4',
            usage_input: 10,
            usage_output: 5 + block,
            block,
            ...(block === 1 && step.result ? { stop_reason: 'end_turn' } : {}),
          },
        });
      }
    } else {
      drafts.push(...toolDrafts(common, key, turn, at, step));
    }
  }
  return drafts;
}

function toolDrafts(
  common: Pick<EventDraft, 'session' | 'capture' | 'timeBasis'>,
  key: string,
  turn: string | undefined,
  at: number,
  step: Step,
): EventDraft[] {
  const operationKey = `tool:${key}`;
  const drafts: EventDraft[] = [
    {
      ...common,
      kind: 'tool_call',
      eventId: `${key}/call`,
      operationKey,
      parentKey: turn,
      atMicros: at,
      facts: { name: step.type === 'subagent' ? 'Agent' : 'Bash', call_id: key },
    },
  ];
  if (step.type === 'subagent') {
    const lane = `agent${key}`;
    const inside = { ...common, lane };
    drafts.push(
      {
        ...inside,
        kind: 'subagent_start',
        eventId: `${key}/agent`,
        operationKey: `agent:${lane}`,
        parentKey: operationKey,
        atMicros: at + 10,
        facts: { agent_id: lane },
      },
      {
        ...inside,
        kind: 'tool_call',
        eventId: `${key}/inner`,
        operationKey: `tool:${key}-inner`,
        parentKey: `agent:${lane}`,
        atMicros: at + 20,
        facts: { name: 'Read', call_id: `${key}-inner` },
      },
      {
        ...inside,
        kind: 'tool_result',
        eventId: `${key}/inner-result`,
        operationKey: `tool:${key}-inner`,
        parentKey: `agent:${lane}`,
        atMicros: at + 5000,
        facts: { outcome: 'ok' },
      },
    );
  }
  if (step.result) {
    const outcome = step.type === 'denied' ? 'denied' : step.failed ? 'error' : 'ok';
    drafts.push({
      ...common,
      kind: 'tool_result',
      eventId: `${key}/result`,
      operationKey,
      parentKey: turn,
      atMicros: at + 2_000_000,
      facts: { outcome },
    });
  }
  return drafts;
}

/** What hooks would have told of the same plan: exact times for the tool calls. */
export function hooksOf(session: string, plan: readonly Step[]): EventDraft[] {
  const drafts: EventDraft[] = [];
  const common = { session, capture: 'hook', timeBasis: 'received' } as const;
  let at = START;
  drafts.push({
    ...common,
    kind: 'session_start',
    eventId: 'session_start/hook',
    operationKey: 'session',
    atMicros: at,
    facts: { agent: 'claude-code' },
  });
  for (const [index, step] of plan.entries()) {
    at += step.seconds * 1_000_000;
    const key = String(index);
    if (step.type !== 'tool' && step.type !== 'subagent') continue;
    const operationKey = `tool:${key}`;
    drafts.push({
      ...common,
      kind: 'tool_call',
      eventId: `hook/${key}/pre`,
      operationKey,
      atMicros: at + 7,
      facts: { name: step.type === 'subagent' ? 'Agent' : 'Bash', call_id: key },
    });
    if (step.result) {
      drafts.push({
        ...common,
        kind: 'tool_result',
        eventId: `hook/${key}/post`,
        operationKey,
        atMicros: at + 1_500_000,
        facts: { outcome: step.failed ? 'error' : 'ok', duration_us: 1_400_000 },
      });
    }
  }
  return drafts;
}

/** Every way of mixing two sequences that keeps the order within each. */
export function interleaved<T>(
  first: readonly T[],
  second: readonly T[],
  choices: readonly boolean[],
): T[] {
  const mixed: T[] = [];
  let a = 0;
  let b = 0;
  for (let index = 0; a < first.length || b < second.length; index++) {
    const takeFirst =
      b >= second.length || (a < first.length && choices[index % choices.length] === true);
    mixed.push(takeFirst ? first[a++]! : second[b++]!);
  }
  return mixed;
}
