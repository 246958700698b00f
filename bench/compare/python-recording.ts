import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionEvent } from '../../src/session/event.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { createTraceReader } from '../../src/store/read-trace.ts';
import { lastSeqOf, listSessions, type RootSession } from '../../src/store/sessions.ts';

/** One line of an `events.ndjson`, its members in the order in which the Python program writes them. */
interface Line {
  readonly event_type: string;
  readonly timestamp: number;
  readonly event_id: string;
  readonly session_id: string;
  readonly parent_id?: string;
  readonly duration_ms?: number;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Calls {
  readonly tools: number;
  readonly llm: number;
}

const PAGE = 1000;

/** The program refuses a name that it does not know, and splits lines at separators that JSON leaves alone. */
function ascii(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const shortId = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** What the Python program would have recorded of the same work: a request and a response where we have one fact. */
function linesOf(
  event: SessionEvent,
  content: (name: 'text' | 'input' | 'output') => string,
): Line[] {
  const { facts, operationId } = event;
  const at = event.atMicros / 1e6;
  const line = (
    event_type: string,
    id: string,
    more: Omit<Line, 'event_type' | 'event_id' | 'session_id' | 'timestamp'>,
    timestamp = at,
  ) => ({
    event_type,
    timestamp,
    event_id: shortId(id),
    session_id: event.rootSession,
    ...more,
  });
  if (event.kind === 'prompt')
    return [line('user_prompt', operationId, { data: { prompt: content('text') } })];
  if (event.kind === 'tool_call')
    return [
      line('tool_call', operationId, {
        data: { tool_name: facts['name'], arguments: JSON.parse(content('input')) },
      }),
    ];
  if (event.kind === 'tool_result')
    return [
      line('tool_result', `${operationId} result`, {
        parent_id: shortId(operationId),
        duration_ms: 50,
        data: { result: content('output').slice(0, 1000) },
      }),
    ];
  if (event.kind !== 'llm_response') return [];
  const asked = Number(facts['requested_at_us']) / 1e6;
  const model = facts['response_model'];
  return [
    line(
      'llm_request',
      operationId,
      { data: { model, input_tokens: facts['usage_input'] } },
      asked,
    ),
    line('llm_response', `${operationId} response`, {
      parent_id: shortId(operationId),
      duration_ms: (at - asked) * 1000,
      data: { output_tokens: facts['usage_output'], stop_reason: facts['stop_reason'] },
    }),
  ];
}

/** Writes one session and returns how many calls it holds. */
function writeSession(store: Store, root: RootSession, folder: string): Calls {
  const reader = createTraceReader(store);
  const newest = lastSeqOf(store, root.id);
  const lines: Line[] = [];
  for (let after = 0; after < newest; ) {
    const page = reader.page(root.id, after, newest, PAGE);
    if (page.length === 0) break;
    for (const { event } of page) {
      lines.push(...linesOf(event, (name) => reader.content(event.seq, name) ?? ''));
      after = event.seq;
    }
  }
  const count = (kind: string) => lines.filter((line) => line.event_type === kind).length;
  const meta = {
    session_id: root.sessionId,
    started_at: root.firstMicros / 1e6,
    ended_at: root.lastMicros / 1e6,
    agent_name: 'claude-code',
    tool_calls: count('tool_call'),
    llm_requests: count('llm_request'),
    total_duration_ms: (root.lastMicros - root.firstMicros) / 1000,
  };
  const place = join(folder, root.sessionId);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'meta.json'), JSON.stringify(meta, null, 2));
  writeFileSync(join(place, 'events.ndjson'), lines.map((line) => `${ascii(line)}\n`).join(''));
  return { tools: meta.tool_calls, llm: meta.llm_requests };
}

const [path = '', folder = ''] = process.argv.slice(2);
const store = openStore({ path, mode: 'read' });
const sessions = listSessions(store);
const calls = sessions.map((root) => writeSession(store, root, folder));
store.close();
const sum = (of: (calls: Calls) => number) => calls.reduce((total, each) => total + of(each), 0);
process.stdout.write(
  JSON.stringify({
    tools: sum(({ tools }) => tools),
    llm: sum(({ llm }) => llm),
    sessions: sessions.map(({ sessionId }) => sessionId),
  }),
);
