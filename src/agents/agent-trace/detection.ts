import { basename, dirname } from 'node:path';
import type { Detection, FileSample } from '../agent.ts';
import { headText } from '../file-head.ts';
import { nativeIdOf, objectOf, parsedJson, textOf } from '../json-values.ts';
import { microsOfSeconds } from '../timestamps.ts';

const MAX_LINES = 50;

/** The session folder's name, for recordings whose events do not name their session. */
export function sessionOfPath(path: string): string {
  const name = basename(path);
  return /^events\.(?:ndjson|jsonl)$/.test(name)
    ? basename(dirname(path))
    : name.replace(/\.(?:ndjson|jsonl)$/, '');
}

/** Recognises an event store by its lines: `event_type` beside a time in seconds. */
export function detectTrace(sample: FileSample): Detection | null {
  let found = false;
  let session: string | undefined;
  let oldestMicros: number | undefined;
  for (const line of headText(sample).split('\n', MAX_LINES)) {
    const event = objectOf(parsedJson(line));
    if (event === undefined || textOf(event.event_type) === undefined) continue;
    if (
      event.timestamp === undefined ||
      (event.event_id === undefined && event.session_id === undefined)
    )
      continue;
    found = true;
    session ??= nativeIdOf(event.session_id);
    const at = microsOfSeconds(event.timestamp);
    if (at !== undefined && (oldestMicros === undefined || at < oldestMicros)) oldestMicros = at;
  }
  if (!found) return null;
  return {
    container: 'lines',
    dialect: 'agent-trace-ndjson',
    session: session ?? sessionOfPath(sample.path),
    oldestMicros,
  };
}
