import type { EventDraft } from '../../session/event.ts';
import { SESSION_KEY } from '../../session/identifiers.ts';
import type { SourceContext } from '../agent.ts';
import { type JsonObject, objectOf, textOf } from '../json-values.ts';
import { draftOf, type Fact } from './fact.ts';
import { idOf } from './json-value.ts';
import { CONVERSATION, type Line } from './line.ts';
import type { Memory } from './memory.ts';
import { PRODUCT } from './product.ts';
import { startOfSubagent } from './subagent.ts';

/** Facts for `session_start`, and the field that each is taken from on the first line that has it. */
const HEAD_FIELDS = [
  ['agent_version', 'version'],
  ['cwd', 'cwd'],
  ['git_branch', 'gitBranch'],
  ['entrypoint', 'entrypoint'],
] as const;

const MOST_HELD = 8;
const MOST_HELD_CHARACTERS = 64 * 1024;

/** Collects from a line what the session's start will say. */
export function addHead(memory: Memory, record: JsonObject): void {
  if (memory.started) return;
  for (const [fact, field] of HEAD_FIELDS) {
    const value = memory.head[fact] ?? textOf(record[field])?.slice(0, 1024);
    if (value !== undefined && !isNoBranch(fact, value)) memory.head[fact] = value;
  }
  const source = idOf(objectOf(record.forkedFrom)?.sessionId);
  if (source !== undefined) memory.head.parent_session ??= source;
}

/** Written if no branch is checked out, or there is no repository at all. */
function isNoBranch(fact: string, value: string): boolean {
  return fact === 'git_branch' && value === 'HEAD';
}

/**
 * The events of a line, preceded by the start of its session and of its lane if they are the first. A file may begin
 * with metadata: its events wait for the first line of the conversation, so that the start is complete.
 */
export function withStart(
  context: SourceContext,
  memory: Memory,
  session: string,
  line: Line,
  facts: readonly Fact[],
): EventDraft[] {
  const own = [...startOfLane(context, memory, line), ...facts].map((fact) =>
    draftOf(fact, line, session),
  );
  if (memory.started) return own;
  const held = [...memory.held, ...own];
  if (!CONVERSATION.has(line.type) && canWait(held)) {
    memory.held = held;
    return [];
  }
  memory.started = true;
  memory.held = [];
  const { atMicros, timeBasis } = held[0] ?? line;
  return [draftOf(startOfSession(memory), { ...line, atMicros, timeBasis }, session), ...held];
}

function canWait(held: readonly EventDraft[]): boolean {
  const texts = held.flatMap((event) =>
    (event.contents ?? []).map((content) => content.text.length),
  );
  return (
    held.length <= MOST_HELD &&
    texts.reduce((sum, length) => sum + length, 0) <= MOST_HELD_CHARACTERS
  );
}

function startOfLane(context: SourceContext, memory: Memory, line: Line): Fact[] {
  if (line.lane === '') return [];
  const lane = memory.lane(line.lane);
  if (lane.opened === true) return [];
  lane.opened = true;
  return [startOfSubagent(line, memory, context)];
}

function startOfSession(memory: Memory): Fact {
  return {
    kind: 'session_start',
    eventId: 'session_start',
    key: SESSION_KEY,
    lane: '',
    facts: { agent: PRODUCT, agent_name: PRODUCT, ...memory.head },
    ownKey: null,
  };
}
