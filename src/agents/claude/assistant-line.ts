import type { ContentDraft, Facts } from '../../session/event.ts';
import { apiFailure } from './api-failure.ts';
import { type Fact, type LineResult, notice, parsed, text, unknown } from './fact.ts';
import { asCount, asDecimal, asId, asRecord, asText, type JsonRecord } from './json-value.ts';
import { type Line, lineId } from './line.ts';
import type { Memory } from './memory.ts';
import { toolCall } from './tool-call.ts';
import { serverToolResult } from './tool-result.ts';
import { parentKeyOf } from './turn.ts';
import { usageFacts } from './usage.ts';

const CALL_BLOCKS: ReadonlySet<unknown> = new Set(['tool_use', 'server_tool_use', 'mcp_tool_use']);
const THINKING_BLOCKS: ReadonlySet<unknown> = new Set(['thinking', 'redacted_thinking']);
const SYNTHETIC = '<synthetic>';

/** What the blocks of a line gave. */
interface Blocks {
  readonly outputs: string[];
  readonly reasoning: string[];
  readonly facts: Fact[];
  readonly strange: string[];
}

/** An `assistant` line: one block, rarely more, of one API response; every line repeats its usage. */
export function assistantLine(line: Line, memory: Memory): LineResult {
  const message = asRecord(line.record.message);
  if (message === undefined) return unknown(line, 'type=assistant/message');
  const messageId = asId(message.id);
  const llm = `llm:${messageId ?? lineId(line)}`;
  const list = blocksOf(message.content);
  if (list === undefined) return unknown(line, 'type=assistant/content');
  if (line.record.isApiErrorMessage === true || (line.record.error ?? undefined) !== undefined) {
    return parsed(apiFailure(line, memory, llm, textsOf(list).join('\n')));
  }
  if (message.model === SYNTHETIC) {
    return parsed([
      notice(line, { name: 'synthetic_message', level: 'info' }, textsOf(list).join('\n')),
    ]);
  }
  // A copy keeps both ids; the request id keeps apart what merely looks alike in hand-made recordings.
  const ownKey =
    messageId === undefined
      ? undefined
      : `claude:msg:${messageId}/${asText(line.record.requestId) ?? ''}`;
  const call = { ...callFacts(line, memory, message, llm), response_id: messageId };
  const blocks = readBlocks(line, memory, list, llm, ownKey);
  const contents: ContentDraft[] = blocks.reasoning.map((thought) => text('reasoning', thought));
  const response: Fact = {
    kind: 'llm_response',
    eventId: lineId(line),
    key: llm,
    parent: parentKeyOf(line, memory),
    facts: { ...call, outputs: blocks.outputs },
    contents,
    ownKey,
  };
  const facts = [response, ...blocks.facts];
  const strange = blocks.strange[0];
  return strange === undefined ? parsed(facts) : unknown(line, `type=assistant/${strange}`, facts);
}

function blocksOf(content: unknown): readonly unknown[] | undefined {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (content === undefined || content === null) return [];
  return Array.isArray(content) ? content : undefined;
}

function textsOf(list: readonly unknown[]): string[] {
  return list.map((block) => asText(asRecord(block)?.text)).filter((said) => said !== undefined);
}

/** Facts of the call itself; what came in since the last call goes with the first line of a new one. */
function callFacts(line: Line, memory: Memory, message: JsonRecord, llm: string): Facts {
  const lane = memory.lane(line.lane);
  const stopReason = asText(message.stop_reason);
  const usage = asRecord(message.usage);
  const isFirst = lane.call !== llm;
  if (isFirst) lane.blocks = 0;
  const block = asCount(line.record.apiBlockIndex) ?? lane.blocks;
  lane.call = llm;
  const facts: Facts = {
    request_id: asId(line.record.requestId),
    response_model: asText(message.model),
    stop_reason: stopReason,
    reasoning_level: asText(line.record.effort),
    aborted: line.record.isAbortedMidStream === true ? true : undefined,
    cost_usd: asDecimal(line.record.costUSD),
    block,
    // The order of a message's lines, whatever their clock says.
    revision: block,
    ...(usage === undefined ? {} : usageFacts(usage, line.lane, stopReason)),
  };
  lane.blocks += 1;
  return isFirst ? { ...facts, ...sinceLastCall(lane) } : facts;
}

function sinceLastCall(lane: ReturnType<Memory['lane']>): Facts {
  const facts = {
    inputs: lane.inputs,
    compacted: lane.compacted,
    retry_count: lane.retryCount,
    retry_reason: lane.retryReason,
    requested_at_us: lane.lastAtMicros,
  };
  lane.inputs = [];
  lane.compacted = undefined;
  lane.compaction = undefined;
  lane.retryCount = undefined;
  lane.retryReason = undefined;
  return facts;
}

function readBlocks(
  line: Line,
  memory: Memory,
  list: readonly unknown[],
  llm: string,
  ownKey: string | undefined,
): Blocks {
  const blocks: Blocks = { outputs: [], reasoning: [], facts: [], strange: [] };
  for (const [index, value] of list.entries()) {
    const block = asRecord(value) ?? {};
    const type = block.type;
    if (type === 'text') addText(line, memory, block, index, llm, ownKey, blocks);
    else if (CALL_BLOCKS.has(type)) addCall(line, memory, block, llm, blocks);
    else if (THINKING_BLOCKS.has(type)) addThinking(block, llm, blocks);
    else if (asId(block.tool_use_id) !== undefined)
      blocks.facts.push(...serverToolResult(line, memory, block));
    else blocks.strange.push(`block=${String(asId(type))}`);
  }
  return blocks;
}

function addText(
  line: Line,
  memory: Memory,
  block: JsonRecord,
  index: number,
  llm: string,
  ownKey: string | undefined,
  blocks: Blocks,
): void {
  const said = block.text;
  if (typeof said !== 'string') {
    blocks.strange.push('block=text');
    return;
  }
  const suffix = index === 0 ? '' : `:${index}`;
  const key = `response:${lineId(line)}${suffix}`;
  blocks.outputs.push(`text:${key}`);
  blocks.facts.push({
    kind: 'response',
    eventId: `${lineId(line)}/response${suffix}`,
    key,
    parent: parentKeyOf(line, memory),
    facts: { llm },
    contents: [text('text', said)],
    ownKey,
  });
}

function addCall(line: Line, memory: Memory, block: JsonRecord, llm: string, blocks: Blocks): void {
  const call = toolCall(line, memory, block, llm);
  if (call === undefined) {
    blocks.strange.push('block=tool_use');
    return;
  }
  blocks.outputs.push(`tool_call:${call.key}`);
  blocks.facts.push(call);
}

function addThinking(block: JsonRecord, llm: string, blocks: Blocks): void {
  const thought = asText(block.thinking);
  if (thought === undefined) return;
  blocks.outputs.push(`reasoning:${llm}`);
  blocks.reasoning.push(thought);
}
