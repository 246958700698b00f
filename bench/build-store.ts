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

/** Tool calls that one answer of the model asks for, in turn: half of the answers ask for two. */
const CALLS = [1, 2];

/**
 * One generated session as the importer for Claude Code records it, with kinds of facts and lengths in the proportions of
 * real recordings: an answer of the model is a fact for each of its blocks, half of the answers contain text besides their
 * calls, and two answers ask for three calls. A span comes from 2.2 facts on average.
 */
export function* sessionDrafts(
  session: string,
  events: number,
  seed: number,
): Generator<EventDraft> {
  const random = seeded(seed);
  const common = { session, capture: 'transcript', timeBasis: 'line' } as const;
  let at = 1_760_000_000_000_000 + seed * 1_000_000;
  let turn = '';
  let inputs: string[] = [];
  const id = (n: number, kind: string) =>
    `${n.toString(16).padStart(8, '0')}-${kind}0c1-4f57-9d0a-${seed.toString(16).padStart(12, '0')}`;
  const key = (prefix: string, n: number) =>
    `${prefix}_01${seed.toString(36).padStart(8, '0')}${n.toString(36).padStart(14, '0')}`;
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
  let n = 1;
  for (let step = 0; n < events; step++) {
    at += Math.floor(random() * 200_000) + 10_000;
    const requested = at;
    if (step % 20 === 0) {
      const prompt = id(n, '0');
      turn = `turn:${prompt}`;
      inputs = [`user:prompt:${prompt}`];
      yield {
        ...common,
        kind: 'turn_start',
        eventId: `${prompt}/turn`,
        operationKey: turn,
        atMicros: at,
        facts: {},
      };
      yield {
        ...common,
        kind: 'prompt',
        eventId: `${prompt}/prompt`,
        operationKey: `prompt:${prompt}`,
        parentKey: turn,
        atMicros: at,
        facts: {},
        contents: [{ name: 'text', text: text(random, 400), media: 'text/plain' }],
      };
      n += 2;
    }
    const message = key('msg', n);
    const llm = `llm:${message}`;
    const cached = 16_000 + step * 400;
    let block = 0;
    const answer = (eventId: string, output: string): EventDraft => ({
      ...common,
      kind: 'llm_response',
      eventId,
      operationKey: llm,
      parentKey: turn,
      atMicros: at,
      facts: {
        block,
        ...(block === 0 ? { inputs, requested_at_us: requested } : {}),
        outputs: [output],
        request_id: key('req', n),
        response_id: message,
        response_model: 'claude-opus-4-5-20251101',
        revision: block++,
        service_tier: 'standard',
        usage_basis: 'merged',
        usage_cache_read: cached,
        usage_cache_write: 400,
        usage_cache_write_1h: 0,
        usage_cache_write_5m: 400,
        usage_input: cached + 403,
        usage_output: Math.floor(random() * 2000) + 20,
        usage_raw_input: 3,
      },
    });
    at += 900_000;
    if (step % 2 === 0) {
      const said = id(n, 'a');
      yield answer(said, `text:response:${said}`);
      yield {
        ...common,
        kind: 'response',
        eventId: `${said}/response`,
        operationKey: `response:${said}`,
        parentKey: turn,
        atMicros: at,
        facts: { llm },
        contents: [{ name: 'text', text: text(random, 200), media: 'text/plain' }],
      };
      n += 2;
    }
    const calls: { readonly call: string; readonly name: string }[] = [];
    for (let of = CALLS[(step >> 1) % CALLS.length]!; of > 0; of--) {
      const call = key('toolu', n);
      const name = TOOLS[Math.floor(random() * TOOLS.length)]!;
      const path = `src/pkg${Math.floor(random() * 40)}/mod${Math.floor(random() * 200)}.py`;
      const args =
        name === 'Bash'
          ? { command: text(random, 120) }
          : { file_path: path, content: text(random, 400) };
      at += 50_000;
      yield answer(id(n, 'b'), `tool_call:tool:${call}`);
      yield {
        ...common,
        kind: 'tool_call',
        eventId: `${id(n, 'b')}/tool:${call}`,
        operationKey: `tool:${call}`,
        parentKey: turn,
        atMicros: at,
        facts: {
          call_id: call,
          llm,
          name,
          tool_type: 'function',
          ...(name === 'Bash' ? {} : { files: [`${name === 'Read' ? 'read' : 'write'}:${path}`] }),
        },
        contents: [{ name: 'input', text: JSON.stringify(args), media: 'application/json' }],
      };
      calls.push({ call, name });
      n += 2;
    }
    inputs = calls.map(({ call }) => `tool:tool:${call}`);
    for (const { call, name } of calls) {
      at += 1_000_000 + Math.floor(random() * 500_000);
      const failed = random() < 0.02;
      const output = text(random, 400 + Math.floor(random() * 1600));
      yield {
        ...common,
        kind: 'tool_result',
        eventId: `${id(n, 'd')}/result:${call}`,
        operationKey: `tool:${call}`,
        parentKey: turn,
        atMicros: at,
        facts: {
          call_id: call,
          name,
          outcome: failed ? 'error' : 'ok',
          output_length: output.length,
        },
        contents: [{ name: 'output', text: output, media: 'text/plain' }],
      };
      n++;
    }
  }
}

/** Writes a store by the plan and returns its number of events. */
export function buildStore(plan: StorePlan): number {
  const store = openStore({ path: plan.path, mode: 'write' });
  // The generated store may be lost with the machine: waiting for the disk would only slow this down.
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
