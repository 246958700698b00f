import type { EventDraft } from '../../src/session/event.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createEventWriter } from '../../src/store/write-events.ts';

/** One call of a session that a test records. */
export interface RecordedCall {
  readonly name?: string;
  readonly input?: string;
  readonly output?: string;
  readonly outcome?: 'ok' | 'error' | 'denied';
  readonly error?: string;
  readonly facts?: EventDraft['facts'];
}

export interface RecordedSession {
  readonly id: string;
  readonly calls: readonly RecordedCall[];
  /** Of the first event, microseconds since the epoch. */
  readonly atMicros?: number;
  /** Between the events. */
  readonly stepMicros?: number;
  /** How its last turn ended; left open where `null`. */
  readonly outcome?: 'completed' | 'error' | 'interrupted' | null;
  readonly facts?: EventDraft['facts'];
  readonly prompt?: string;
}

export const LONG_AGO = 1_760_000_000_000_000;

/** The facts of a session as a recording gives them. */
export function sessionFacts(session: RecordedSession): EventDraft[] {
  const common = { session: session.id, capture: 'transcript', timeBasis: 'recorded' } as const;
  const { outcome = 'completed', stepMicros = 100_000 } = session;
  let atMicros = (session.atMicros ?? LONG_AGO) - stepMicros;
  const next = () => {
    atMicros += stepMicros;
    return atMicros;
  };
  const drafts: EventDraft[] = [
    {
      ...common,
      kind: 'session_start',
      eventId: 'start',
      operationKey: 'session',
      atMicros: next(),
      facts: { agent: 'claude-code', ...session.facts },
    },
    {
      ...common,
      kind: 'turn_start',
      eventId: 'turn',
      operationKey: 'turn',
      atMicros,
      facts: {},
    },
  ];
  if (session.prompt !== undefined) {
    drafts.push({
      ...common,
      kind: 'prompt',
      eventId: 'prompt',
      operationKey: 'prompt',
      parentKey: 'turn',
      atMicros,
      facts: {},
      contents: [{ name: 'text', text: session.prompt, media: 'text/plain' }],
    });
  }
  for (const [index, call] of session.calls.entries()) {
    const operation = { ...common, operationKey: `tool:${index}`, parentKey: 'turn' };
    const input = call.input ?? `{"step":${index}}`;
    drafts.push({
      ...operation,
      kind: 'tool_call',
      eventId: `${index}/call`,
      atMicros: next(),
      facts: { name: call.name ?? 'Bash', call_id: `call-${index}`, ...call.facts },
      contents: [{ name: 'input', text: input, media: 'application/json' }],
    });
    drafts.push({
      ...operation,
      kind: 'tool_result',
      eventId: `${index}/result`,
      atMicros: next(),
      facts: { outcome: call.outcome ?? (call.error === undefined ? 'ok' : 'error') },
      contents: [
        ...(call.output === undefined
          ? []
          : [{ name: 'output', text: call.output, media: 'text/plain' } as const]),
        ...(call.error === undefined
          ? []
          : [{ name: 'error', text: call.error, media: 'text/plain' } as const]),
      ],
    });
  }
  if (outcome !== null) {
    drafts.push({
      ...common,
      kind: 'turn_end',
      eventId: 'turn_end',
      operationKey: 'turn',
      atMicros: next(),
      facts: { outcome },
    });
  }
  return drafts;
}

/** Adds facts to a store, which is made where there is none. */
export function record(db: string, ...drafts: EventDraft[]): void {
  const store = openStore({ path: db, mode: 'write' });
  createEventWriter(store).append(drafts);
  store.close();
}
