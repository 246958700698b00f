import type { Detection, FileSample } from '../agent.ts';
import { labelOf, objectOf, parsedJson, textOf } from '../json-values.ts';
import { microsOfIso } from '../timestamps.ts';
import { sessionOfPath } from './reader.ts';

const MAX_LINES = 50;
const TYPES = /^(?:session|user|assistant|tool|system|subagent|permission)\.[a-z_]+$/;

/** An event log by its envelope: a dotted type, data, an id and a time. */
export function detectEvents(sample: FileSample): Detection | null {
  let found = 0;
  let session: string | undefined;
  let version: string | undefined;
  let oldestMicros: number | undefined;
  for (const line of sample.head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split('\n', MAX_LINES)) {
    const envelope = objectOf(parsedJson(line));
    const data = objectOf(envelope?.data);
    if (envelope === undefined || data === undefined || !TYPES.test(textOf(envelope.type) ?? ''))
      continue;
    if (textOf(envelope.id) === undefined) continue;
    found++;
    const at = microsOfIso(envelope.timestamp);
    if (at !== undefined && (oldestMicros === undefined || at < oldestMicros)) oldestMicros = at;
    if (envelope.type !== 'session.start') continue;
    session ??= labelOf(data.sessionId, 200);
    version ??= labelOf(data.copilotVersion, 60);
  }
  if (found === 0) return null;
  return {
    container: 'lines',
    dialect: 'copilot-events',
    session: session ?? sessionOfPath(sample.path),
    oldestMicros,
    version,
  };
}
