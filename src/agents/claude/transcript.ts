import { basename } from 'node:path';
import type { EventDraft } from '../../session/event.ts';
import { SESSION_KEY } from '../../session/identifiers.ts';
import type { ReadResult, RecordReader, SourceContext } from '../agent.ts';
import { assistantLine } from './assistant-line.ts';
import { draftOf, type Fact, IGNORED, type LineResult, unknown } from './fact.ts';
import { asId, asRecord, asText, type JsonRecord } from './json-value.ts';
import { type Line, microsOf, typeOf } from './line.ts';
import { Memory } from './memory.ts';
import {
  attachmentLine,
  costLine,
  pullRequestLine,
  queueLine,
  titleLine,
  titleOfLeaf,
} from './metadata-line.ts';
import { PRODUCT } from './product.ts';
import { progressLine } from './progress-line.ts';
import { agentIdOfFile, inlineLane, startOfSubagent } from './subagent.ts';
import { systemLine } from './system-line.ts';
import { userLine } from './user-line.ts';

type Handler = (line: Line, memory: Memory) => LineResult;

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['user', userLine],
  ['assistant', assistantLine],
  ['system', systemLine],
  ['progress', progressLine],
  ['attachment', attachmentLine],
  ['queue-operation', queueLine],
  ['summary', titleLine],
  ['ai-title', titleLine],
  ['custom-title', titleLine],
  ['cost-state', costLine],
  ['pr-link', pullRequestLine],
]);

/** Known lines that say nothing about what happened, or whose content must not be stored. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'file-history-snapshot',
  'file-history-delta',
  'agent-name',
  'last-prompt',
  'mode',
  'permission-mode',
  'worktree-state',
  'relocated',
  'frame-link',
  'atis-latch',
  'bridge-session',
]);

/** Facts of the first line that go with `session_start`, and the field each comes from. */
const HEAD_FIELDS = [
  ['agent_version', 'version'],
  ['cwd', 'cwd'],
  ['git_branch', 'gitBranch'],
  ['entrypoint', 'entrypoint'],
] as const;

/** Reads one transcript of Claude Code, main file or subagent's, record by record. */
export function openTranscript(context: SourceContext): RecordReader {
  const memory = new Memory(context.state);
  const session = context.detection.session ?? basename(context.path).replace(/\.jsonl$/i, '');
  return {
    read: (value, text) => readRecord(context, memory, session, value, text),
    finish: () => [],
    state: () => memory.toJson(),
  };
}

function readRecord(
  context: SourceContext,
  memory: Memory,
  session: string,
  value: unknown,
  text: string,
): ReadResult {
  const line = lineOf(context, memory, asRecord(value) ?? {}, text);
  let result: LineResult;
  try {
    result = asRecord(value) === undefined ? unknown(line, 'json=no-object') : handle(line, memory);
  } catch (error) {
    // Input nested so deeply that writing it again overflows the stack: kept as it came.
    if (!(error instanceof RangeError)) throw error;
    result = unknown(line, `type=${line.type}/too-deep`);
  }
  const own = line.timeBasis === 'line';
  if (own) memory.lane(line.lane).lastAtMicros = line.atMicros;
  const late = [...titleOfLeaf(line, memory), ...result.facts];
  if (line.uuid !== undefined) memory.addRecent(line.uuid);
  const events =
    Number.isNaN(line.atMicros) || late.length === 0
      ? []
      : drafts(context, memory, session, line, late);
  return result.shape === undefined
    ? { verdict: result.verdict, events }
    : { verdict: result.verdict, events, shape: result.shape };
}

function handle(line: Line, memory: Memory): LineResult {
  const handler = HANDLERS.get(line.type);
  if (handler !== undefined) return handler(line, memory);
  if (LEFT_OUT.has(line.type) || line.type.startsWith('artifact-')) return IGNORED;
  return unknown(line, `type=${line.type}`);
}

/** The line with its lane and time: its own, else the last known one, else the oldest of the file's beginning. */
function lineOf(context: SourceContext, memory: Memory, record: JsonRecord, text: string): Line {
  for (const [fact, field] of HEAD_FIELDS) {
    if (memory.head[fact] !== undefined) continue;
    const value = asText(record[field]);
    if (value !== undefined) memory.head[fact] = value.slice(0, 1024);
  }
  const own = microsOf(record.timestamp);
  if (own !== undefined) memory.atMicros = own;
  return {
    record,
    text,
    type: typeOf(record),
    uuid: asId(record.uuid),
    lane: laneOf(context, memory, record),
    atMicros: own ?? memory.atMicros ?? context.detection.oldestMicros ?? Number.NaN,
    timeBasis: own === undefined ? 'inferred' : 'line',
  };
}

function laneOf(context: SourceContext, memory: Memory, record: JsonRecord): string {
  if (context.detection.subagent !== true) return inlineLane(record, memory);
  memory.agentId ??= asId(record.agentId);
  return asId(record.agentId) ?? memory.agentId ?? agentIdOfFile(context.path);
}

function drafts(
  context: SourceContext,
  memory: Memory,
  session: string,
  line: Line,
  facts: readonly Fact[],
): EventDraft[] {
  const before: Fact[] = [];
  if (!memory.started) {
    memory.started = true;
    before.push(startOfSession(line, memory));
  }
  const lane = line.lane === '' ? undefined : memory.lane(line.lane);
  if (lane !== undefined && lane.opened !== true) {
    lane.opened = true;
    before.push(startOfSubagent(line, memory, context));
  }
  return [...before, ...facts].map((fact) => draftOf(fact, line, session));
}

function startOfSession(line: Line, memory: Memory): Fact {
  return {
    kind: 'session_start',
    eventId: 'session_start',
    key: SESSION_KEY,
    lane: '',
    facts: {
      agent: PRODUCT,
      agent_name: PRODUCT,
      ...memory.head,
      parent_session: asId(asRecord(line.record.forkedFrom)?.sessionId),
    },
    ownKey: null,
  };
}
