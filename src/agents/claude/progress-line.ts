import { type JsonObject, objectOf, textOf } from '../json-values.ts';
import { ownKeyOf } from './call-names.ts';
import { IGNORED, type LineResult, parsed, unknown } from './fact.ts';
import { idOf, microsOfDuration } from './json-value.ts';
import { type Line, lineId } from './line.ts';
import type { Memory } from './memory.ts';
import { repeatedMessage } from './progress-message.ts';
import { linkOf } from './subagent.ts';

const IGNORED_KINDS: ReadonlySet<string> = new Set([
  'bash_progress',
  'hook_progress',
  'waiting_for_task',
  'query_update',
  'search_results_received',
]);
/** A skill may run in a subagent of its own. */
const AGENT_KINDS: ReadonlySet<string> = new Set(['agent_progress', 'skill_progress']);

/** A `progress` line of older versions: signs of life; two kinds report something lasting. */
export function progressLine(line: Line, memory: Memory): LineResult {
  const data = objectOf(line.record.data) ?? {};
  const kind = textOf(data.type) ?? '';
  if (IGNORED_KINDS.has(kind)) return IGNORED;
  if (kind === 'mcp_progress') return mcpProgress(line, memory, data);
  if (AGENT_KINDS.has(kind)) return agentProgress(line, memory, data);
  return unknown(line, `type=progress/${kind.slice(0, 60)}`);
}

function mcpProgress(line: Line, memory: Memory, data: JsonObject): LineResult {
  const id = idOf(line.record.toolUseID);
  const duration = microsOfDuration(data.elapsedTimeMs);
  if (id === undefined || duration === undefined) return IGNORED;
  const facts = {
    duration_us: duration,
    mcp_server: textOf(data.serverName),
    mcp_tool: textOf(data.toolName),
  };
  const called = memory.names.last(line.lane, id);
  const ownKey = ownKeyOf(called, memory.tools.get(id)?.llm);
  return parsed([
    { kind: 'tool_info', eventId: lineId(line), key: `tool:${called}`, facts, ownKey },
  ]);
}

/**
 * The first sign of a subagent links it to its call; each brings one of its messages, which is in its own file as well.
 */
function agentProgress(line: Line, memory: Memory, data: JsonObject): LineResult {
  const agentId = idOf(data.agentId);
  const id = idOf(line.record.parentToolUseID);
  if (agentId === undefined || id === undefined) return IGNORED;
  const toolUseId = memory.names.last(line.lane, id);
  const message = objectOf(data.message);
  const told = message === undefined ? [] : repeatedMessage(line, memory, agentId, message);
  if (memory.agents.get(toolUseId) === agentId) return parsed(told);
  const pending = memory.tools.get(id);
  return parsed([linkOf(line, memory, { toolUseId, agentId, facts: {}, pending }), ...told]);
}
