import type { EventDraft } from '../src/session/event.ts';
import { openStore } from '../src/store/open-store.ts';
import { createEventWriter } from '../src/store/write-events.ts';
import { seeded } from '../test/support/seeded.ts';

/** Parameters of a generated store; the same parameters give the same facts. */
export interface StorePlan {
  readonly path: string;
  readonly sessions: number;
  readonly eventsPerSession: number;
  readonly seed: number;
}

const WORDS =
  'the agent reads src/auth/views.py runs pytest then edits models.py because test failed with AssertionError in line 42 of module "naïve" über 模型\n'.split(
    ' ',
  );
const TOOLS = ['Bash', 'Read', 'Edit', 'Write', 'Grep', 'mcp__fs__list'];

function text(random: () => number, length: number): string {
  let made = '';
  while (made.length < length) made += `${WORDS[Math.floor(random() * WORDS.length)]} `;
  return made.slice(0, length);
}

/** One generated session: turns of a prompt, LLM calls and tool calls, in the shape an importer gives. */
export function* sessionDrafts(
  session: string,
  events: number,
  seed: number,
): Generator<EventDraft> {
  const random = seeded(seed);
  const common = { session, capture: 'transcript', timeBasis: 'line' } as const;
  let at = 1_760_000_000_000_000 + seed * 1_000_000;
  let turn = '';
  yield {
    ...common,
    kind: 'session_start',
    eventId: 'session_start',
    operationKey: 'session',
    atMicros: at,
    facts: {
      agent: 'claude-code',
      agent_name: 'claude-code',
      agent_version: '2.1.209',
      cwd: '/srv/app',
    },
  };
  for (let n = 1; n < events; ) {
    at += Math.floor(random() * 200_000) + 10_000;
    const key = `${seed}-${n}`;
    if (turn === '' || n % 100 < 4) {
      turn = `turn:${key}`;
      yield {
        ...common,
        kind: 'turn_start',
        eventId: `${key}t`,
        operationKey: turn,
        atMicros: at,
        facts: { origin: 'human' },
      };
      yield {
        ...common,
        kind: 'prompt',
        eventId: `${key}p`,
        operationKey: `prompt:${key}`,
        parentKey: turn,
        atMicros: at,
        facts: { origin: 'human' },
        contents: [{ name: 'text', text: text(random, 400), media: 'text/plain' }],
      };
      n += 2;
    }
    const input = Math.floor(random() * 20_000) + 500;
    yield {
      ...common,
      kind: 'llm_response',
      eventId: `${key}l`,
      operationKey: `llm:${key}`,
      parentKey: turn,
      atMicros: at + 900_000,
      facts: {
        response_id: `msg_${key}`,
        response_model: 'claude-opus-4-5',
        stop_reason: 'tool_use',
        usage_input: input,
        usage_output: Math.floor(random() * 2000) + 20,
        usage_cache_read: Math.floor(input * 0.9),
        usage_cache_write: 40,
        usage_basis: 'exact',
        requested_at_us: at,
        block: 0,
        outputs: [`tool_call:tool:${key}`],
      },
    };
    const name = TOOLS[Math.floor(random() * TOOLS.length)]!;
    const args =
      name === 'Bash'
        ? { command: text(random, 120) }
        : {
            file_path: `src/pkg${Math.floor(random() * 40)}/mod${Math.floor(random() * 200)}.py`,
            content: text(random, 400),
          };
    yield {
      ...common,
      kind: 'tool_call',
      eventId: `${key}c`,
      operationKey: `tool:${key}`,
      parentKey: turn,
      atMicros: at + 950_000,
      facts: { call_id: key, name, tool_type: 'function', llm: `llm:${key}` },
      contents: [{ name: 'input', text: JSON.stringify(args), media: 'application/json' }],
    };
    at += 1_000_000 + Math.floor(random() * 500_000);
    const failed = random() < 0.02;
    yield {
      ...common,
      kind: 'tool_result',
      eventId: `${key}r`,
      operationKey: `tool:${key}`,
      parentKey: turn,
      atMicros: at,
      facts: { outcome: failed ? 'error' : 'ok', output_length: 1000 },
      contents: [
        {
          name: 'output',
          text: text(random, 400 + Math.floor(random() * 1600)),
          media: 'text/plain',
        },
      ],
    };
    n += 3;
  }
}

/** Writes a store by the plan and returns its number of events. */
export function buildStore(plan: StorePlan): number {
  const store = openStore({ path: plan.path, mode: 'write' });
  // The generated store may be lost with the machine: waiting for the disk would only slow the building down.
  store.database.pragma('synchronous = OFF');
  const writer = createEventWriter(store);
  let events = 0;
  let batch: EventDraft[] = [];
  for (let n = 0; n < plan.sessions; n++) {
    const session = `${(plan.seed * 1_000_003 + n).toString(16).padStart(8, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
    for (const draft of sessionDrafts(session, plan.eventsPerSession, plan.seed + n)) {
      batch.push(draft);
      if (batch.length >= 2000) {
        events += writer.append(batch).added;
        batch = [];
      }
    }
  }
  events += writer.append(batch).added;
  store.database.pragma('wal_checkpoint(TRUNCATE)');
  store.close();
  return events;
}
