// A reader for the recordings of an imaginary agent, "Scribe". See docs/writing-an-agent-reader.md.
import { join } from 'node:path';
import type {
  Agent,
  Detection,
  FileSample,
  ReadResult,
  RecordReader,
  SourceContext,
} from '../../src/agents/agent.ts';
import {
  type DraftFields,
  draftOf,
  jsonContent,
  plainContent,
  unknownNotice,
} from '../../src/agents/drafts.ts';
import {
  integerOf,
  type JsonObject,
  objectOf,
  parsedJson,
  textOf,
} from '../../src/agents/json-values.ts';
import { microsOfIso } from '../../src/agents/timestamps.ts';
import type { EventDraft } from '../../src/session/event.ts';

/** The context of a record: its run, its time and where that time is from, and the open turn. */
interface Place {
  readonly session: string;
  readonly at: number;
  readonly basis: 'line' | 'inferred';
  readonly turn: string | undefined;
}

type Translate = (record: JsonObject, place: Place) => EventDraft[];

function fact(
  place: Place,
  kind: EventDraft['kind'],
  operationKey: string,
  rest: Partial<DraftFields> = {},
): EventDraft {
  return draftOf({ session: place.session, capture: 'transcript' }, kind, {
    eventId: `${kind}/${operationKey}`,
    operationKey,
    parentKey: place.turn,
    atMicros: place.at,
    timeBasis: place.basis,
    ...rest,
  });
}

/** One entry per type of record. A call and its result name the same operation; nothing else pairs them. */
const RECORDS: Readonly<Record<string, Translate>> = {
  begin: (record, place) => [
    fact(place, 'session_start', 'session', {
      facts: { agent: 'scribe', agent_name: 'Scribe', cwd: textOf(record.folder) },
    }),
  ],
  ask: (record, place) => [
    fact({ ...place, turn: undefined }, 'turn_start', `turn:${textOf(record.id)}`),
    fact({ ...place, turn: `turn:${textOf(record.id)}` }, 'prompt', `ask:${textOf(record.id)}`, {
      contents: [plainContent('text', textOf(record.text))],
    }),
  ],
  model: (record, place) => [
    fact(place, 'llm_response', `model:${textOf(record.id)}`, {
      facts: {
        response_model: textOf(record.name),
        // Input is always the total: cached tokens are part of it.
        usage_input: integerOf(record.in),
        usage_cache_read: integerOf(record.cached),
        usage_output: integerOf(record.out),
        duration_us: integerOf(record.took_us),
        stop_reason: 'stop',
      },
    }),
  ],
  call: (record, place) => [
    fact(place, 'tool_call', `call:${textOf(record.id)}`, {
      facts: { call_id: textOf(record.id), name: textOf(record.tool), tool_type: 'function' },
      contents: [jsonContent('input', record.input)],
    }),
  ],
  result: (record, place) => [
    fact(place, 'tool_result', `call:${textOf(record.id)}`, {
      facts: {
        outcome: record.ok === false ? 'error' : 'ok',
        error_type: record.ok === false ? 'nonzero_exit' : undefined,
        exit_code: integerOf(record.code),
      },
      contents: [plainContent('output', textOf(record.output))],
    }),
  ],
  answer: (record, place) => [
    fact(place, 'response', `answer:${textOf(record.id)}`, {
      contents: [plainContent('text', textOf(record.text))],
    }),
    fact({ ...place, turn: undefined }, 'turn_end', place.turn ?? 'turn:none', {
      facts: { outcome: 'completed' },
    }),
  ],
};

/** Keeps two small values between records, so that a file of any size needs no more memory. */
function openLines({ state, detection }: SourceContext): RecordReader {
  const kept = objectOf(parsedJson(state ?? ''));
  let turn = textOf(kept?.turn);
  let at = integerOf(kept?.at) ?? detection.oldestMicros ?? 0;
  return {
    read(value, text, line): ReadResult {
      const record = objectOf(value) ?? {};
      const own = microsOfIso(record.at);
      // A record without a run or a time is one of this run, at the time of the record before it.
      const session = textOf(record.run) ?? detection.session ?? '';
      at = own ?? at;
      const basis = own === undefined ? 'inferred' : 'line';
      const type = textOf(record.type) ?? '';
      if (type === 'ask') turn = `turn:${textOf(record.id)}`;
      const translate = Object.hasOwn(RECORDS, type) ? RECORDS[type] : undefined;
      if (translate === undefined) {
        const shape = `type=${type}`;
        const notice = unknownNotice(
          { session, capture: 'transcript' },
          { place: line, raw: text, shape },
          { atMicros: at, timeBasis: basis },
        );
        return { verdict: 'unknown', events: [notice], shape };
      }
      return { verdict: 'parsed', events: translate(record, { session, at, basis, turn }) };
    },
    finish: () => [],
    state: () => JSON.stringify({ at, turn }),
  };
}

/** By content, never by name: the first line of a Scribe recording begins a run. */
function detect(sample: FileSample): Detection | null {
  const first = objectOf(parsedJson(sample.head.toString('utf8').split('\n', 1)[0] ?? ''));
  const session = textOf(first?.run);
  if (first?.type !== 'begin' || session === undefined) return null;
  return {
    container: 'lines',
    dialect: 'scribe-1',
    session,
    oldestMicros: microsOfIso(first.at),
  };
}

export const scribe: Agent = {
  name: 'scribe',
  product: 'scribe',
  summary: 'Scribe runs (JSONL)',
  places: ({ home }) => [join(home, '.scribe', 'runs')],
  wants: (path) => path.endsWith('.jsonl'),
  detect,
  openLines,
};
