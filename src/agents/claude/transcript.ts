import type { ReadResult, RecordReader, SourceContext } from '../agent.ts';
import { type JsonObject, listOf, objectOf } from '../json-values.ts';
import { assistantLine } from './assistant-line.ts';
import { attachmentLine } from './attachment-line.ts';
import { IGNORED, type LineResult, unknown } from './fact.ts';
import { idOf } from './json-value.ts';
import { type Line, microsOf, stemOf, typeOf } from './line.ts';
import { Memory } from './memory.ts';
import { costLine, pullRequestLine, titleLine, titleOfLeaf } from './metadata-line.ts';
import { addHead, withStart } from './opening.ts';
import { progressLine } from './progress-line.ts';
import { queueLine } from './queue.ts';
import { endRun } from './stream-lines.ts';
import { agentIdOfFile, inlineLane } from './subagent.ts';
import { systemLine } from './system-line.ts';
import { titleBeside } from './title-file.ts';
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
  ['result', endRun],
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
  'agent-color',
  'agent-setting',
  'attribution-snapshot',
  'content-replacement',
  'continued-in',
  'ended-by-model',
  'fork-context-ref',
  'history-suppression',
  'marble-origami-commit',
  'marble-origami-snapshot',
  'saved_hook_context',
  'tag',
]);

/** Reads one Claude Code transcript, a main file or a subagent's, record by record. */
export function openTranscript(context: SourceContext): RecordReader {
  const memory = new Memory(context.state);
  const session = context.detection.session ?? stemOf(context.path);
  return {
    read: (value, text) => readRecord(context, memory, session, value, text),
    finish: () => titleBeside(context, memory, session),
    state: () => memory.toJson(session),
  };
}

function readRecord(
  context: SourceContext,
  memory: Memory,
  session: string,
  value: unknown,
  text: string,
): ReadResult {
  const line = lineOf(context, memory, objectOf(value) ?? {}, text);
  const isOwn = line.lane === '' && line.uuid !== undefined && line.timeBasis === 'line';
  const isAgain = memory.recent.has(line.uuid ?? '');
  if (isOwn) memory.detectCopies(line.atMicros, isAgain, () => !isAgain && isLate(line, memory));
  let result: LineResult;
  try {
    result = objectOf(value) === undefined ? unknown(line, 'json=no-object') : handle(line, memory);
  } catch (error) {
    // Input nested so deeply that serialising it overflows the stack is kept as it came.
    if (!(error instanceof RangeError)) throw error;
    result = unknown(line, `type=${line.type}/too-deep`);
  }
  noteTime(line, memory);
  const late = [...titleOfLeaf(line, memory), ...result.facts];
  if (line.uuid !== undefined) memory.addRecent(line.uuid);
  const events =
    Number.isNaN(line.atMicros) || late.length === 0
      ? []
      : withStart(context, memory, session, line, late);
  return { verdict: result.verdict, events, shape: result.shape };
}

/**
 * Notes when the lane's next request can have been sent at the earliest. Results, and prompts from the queue, may be
 * written after lines that are younger than they, so only an answer sets the time back.
 */
function noteTime(line: Line, memory: Memory): void {
  if (line.timeBasis !== 'line' || isBeside(line)) return;
  const lane = memory.lane(line.lane);
  const known = line.type === 'assistant' ? 0 : (lane.lastAtMicros ?? 0);
  lane.lastAtMicros = Math.max(known, line.atMicros);
}

/** Whether a line may come between a request and its answer: a failed attempt, or a prompt queued or taken back. */
function isBeside({ type, record }: Line): boolean {
  if (type === 'queue-operation')
    return record.operation === 'enqueue' || record.operation === 'popAll';
  return type === 'system' && record.subtype === 'api_error';
}

/** How many lines back a new line's parent may be; the parent of a copy is where it was. */
const NEAR = 8;

/**
 * Whether a line is new although its time is old. Results, and the output of hooks on them, are written once the answer
 * that requested them is complete, with the time they arrived; a prompt from another machine has that machine's time.
 */
function isLate({ type, record }: Line, memory: Memory): boolean {
  const parent = idOf(record.parentUuid) ?? idOf(record.logicalParentUuid);
  if (parent !== undefined && [...memory.recent].slice(-NEAR).includes(parent)) return true;
  const blocks = type === 'user' ? listOf(objectOf(record.message)?.content) : [];
  return blocks.some((block) => memory.tools.has(idOf(objectOf(block)?.tool_use_id) ?? ''));
}

function handle(line: Line, memory: Memory): LineResult {
  const handler = HANDLERS.get(line.type);
  if (handler !== undefined) return handler(line, memory);
  if (LEFT_OUT.has(line.type) || line.type.startsWith('artifact-')) return IGNORED;
  return unknown(line, `type=${line.type}`);
}

/** The line with its lane and time: its own, else the last known one, else the oldest in the beginning of the file. */
function lineOf(context: SourceContext, memory: Memory, record: JsonObject, text: string): Line {
  addHead(memory, record);
  const own = microsOf(record.timestamp);
  if (own !== undefined) memory.atMicros = own;
  memory.records += 1;
  const atMicros = own ?? memory.atMicros ?? context.detection.oldestMicros ?? Number.NaN;
  return {
    record,
    text,
    type: typeOf(record),
    uuid: idOf(record.uuid),
    lane: laneOf(context, memory, record),
    atMicros,
    timeBasis: own === undefined ? 'inferred' : 'line',
    place: () => memory.placeOf(text, atMicros),
  };
}

function laneOf(context: SourceContext, memory: Memory, record: JsonObject): string {
  if (context.detection.subagent !== true) return inlineLane(record, memory);
  memory.agentId ??= idOf(record.agentId);
  return idOf(record.agentId) ?? memory.agentId ?? agentIdOfFile(context.path);
}
