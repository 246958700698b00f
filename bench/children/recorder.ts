// Records made-up tool calls at a steady pace, as hooks would: `recorder STORE SESSIONS EVENTS_A_SECOND SECONDS CALLS`.
// Each of the sessions ends after CALLS calls and another one takes its place. Writes a line per commit of completing
// facts: the monotonic time in nanoseconds and the span ids.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventDraft } from '../../src/session/event.ts';
import { operationIdOf } from '../../src/session/identifiers.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createEventWriter } from '../../src/store/write-events.ts';

const [path, sessions, pace, seconds, calls] = process.argv.slice(2) as [string, ...string[]];
const perSecond = Number(pace);
const until = performance.now() + Number(seconds) * 1000;
const store = openStore({ path, mode: 'write' });
const writer = createEventWriter(store);
const INPUT = JSON.stringify({ command: `echo ${'x'.repeat(400)}` });
const common = { capture: 'hook', timeBasis: 'received' } as const;

/** One session after the other; each fact is a step. */
function* facts(): Generator<{ draft: EventDraft; completes: string | undefined }> {
  for (;;) {
    const session = randomUUID();
    const at = () => Date.now() * 1000;
    const own = { ...common, session };
    const start = { agent: 'claude-code' };
    yield {
      draft: {
        ...own,
        kind: 'session_start',
        eventId: 'start',
        operationKey: 'session',
        atMicros: at(),
        facts: start,
      },
      completes: undefined,
    };
    for (let call = 0; call < Number(calls); call++) {
      const operationKey = `tool:${call}`;
      const fact = { ...own, operationKey };
      const contents = [{ name: 'input', text: INPUT, media: 'application/json' } as const];
      yield {
        draft: {
          ...fact,
          kind: 'tool_call',
          eventId: `${call}/pre`,
          atMicros: at(),
          facts: { name: 'Bash', call_id: `${call}` },
          contents,
        },
        completes: undefined,
      };
      yield {
        draft: {
          ...fact,
          kind: 'tool_result',
          eventId: `${call}/post`,
          atMicros: at(),
          facts: { outcome: 'ok' },
        },
        completes: operationIdOf(session, operationKey),
      };
    }
    yield {
      draft: {
        ...own,
        kind: 'session_end',
        eventId: 'end',
        operationKey: 'session',
        atMicros: at(),
        facts: { end_reason: 'exit' },
      },
      completes: operationIdOf(session, 'session'),
    };
  }
}

const streams = Array.from({ length: Number(sessions) }, () => facts());
const lines: string[] = [];
const began = performance.now();
for (let written = 0; performance.now() < until; ) {
  const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
  // At a fast pace facts go together, as they do from one recorder; at a slow one each has its commit.
  const count = Math.min(due - written, perSecond > 1000 ? 1000 : 1);
  if (count <= 0) {
    await sleep(1);
    continue;
  }
  const steps = Array.from(
    { length: count },
    (_, at) => streams[(written + at) % streams.length]!.next().value!,
  );
  writer.append(steps.map(({ draft }) => draft));
  const now = process.hrtime.bigint();
  const ids = steps.flatMap(({ completes }) => completes ?? []);
  if (ids.length > 0) lines.push(`${now} ${ids.join(' ')}\n`);
  written += count;
}
// At a fast pace every session comes to its end.
if (perSecond > 1000)
  for (const stream of streams) {
    for (const { draft, completes } of stream) {
      writer.append([draft]);
      if (completes !== undefined) lines.push(`${process.hrtime.bigint()} ${completes}\n`);
      if (draft.kind === 'session_end') break;
    }
  }
store.close();
process.stdout.write(lines.join(''));
