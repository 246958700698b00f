import type { Facts } from '../../session/event.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../json-values.ts';
import { errorTypeOf } from './api-failure.ts';
import { type Fact, IGNORED, type LineResult, notice, parsed, text, unknown } from './fact.ts';
import { microsOfDuration, wholeCountOf } from './json-value.ts';
import { type Line, lineId } from './line.ts';
import type { Memory } from './memory.ts';
import { beginRun, deniedCall, finalCounts, messageBegun } from './stream-lines.ts';
import { endTurn, openParentOf, parentKeyOf } from './turn.ts';

type Reader = (line: Line, memory: Memory) => LineResult;

const READERS: { readonly [subtype: string]: Reader } = {
  init: beginRun,
  permission_denied: deniedCall,
  message_start: messageBegun,
  message_delta: finalCounts,
  turn_duration: turnDuration,
  compact_boundary: (line, memory) =>
    compaction(line, memory, objectOf(line.record.compactMetadata), undefined),
  microcompact_boundary: microCompaction,
  api_error: apiError,
  stop_hook_summary: stopHooks,
  local_command: (line) => said(line, 'local_command'),
  informational: (line) => said(line, 'informational'),
  away_summary: (line) => said(line, 'away_summary'),
  scheduled_task_fire: scheduledTask,
  agents_killed: (line) => said(line, 'agents_killed'),
  model_fallback: modelFallback,
  model_consent_fallback: modelFallback,
  model_refusal_fallback: modelFallback,
  model_refusal_no_fallback: modelFallback,
  bridge_status: () => IGNORED,
};

/** A `system` line: what the client says about the session, by subtype. */
export function systemLine(line: Line, memory: Memory): LineResult {
  const subtype = textOf(line.record.subtype) ?? '';
  const read = Object.hasOwn(READERS, subtype) ? READERS[subtype] : undefined;
  if (read !== undefined) return read(line, memory);
  // Before subtypes existed, a system line was a plain remark.
  if (subtype === '' && typeof line.record.content === 'string') return said(line, 'informational');
  return unknown(line, `type=system/${subtype.slice(0, 60)}`);
}

/** The recorded duration excludes waits for a person, so the turn ends at the time of the line. */
function turnDuration(line: Line, memory: Memory): LineResult {
  if (line.lane !== '') return IGNORED;
  return parsed(
    endTurn(line, memory, 'completed', { active_us: microsOfDuration(line.record.durationMs) }),
  );
}

function microCompaction(line: Line, memory: Memory): LineResult {
  const details = objectOf(line.record.microcompactMetadata) ?? {};
  const before = wholeCountOf(details.preTokens);
  const saved = wholeCountOf(details.tokensSaved);
  const after =
    before === undefined || saved === undefined ? undefined : wholeCountOf(before - saved);
  return compaction(line, memory, { ...details, postTokens: after }, 'micro');
}

function compaction(
  line: Line,
  memory: Memory,
  details: JsonObject | undefined,
  trigger: string | undefined,
): LineResult {
  const key = `compaction:${lineId(line)}`;
  const lane = memory.lane(line.lane);
  lane.compacted = true;
  if (trigger === undefined) lane.compaction = key;
  const facts: Facts = {
    trigger: trigger ?? textOf(details?.trigger),
    tokens_before: wholeCountOf(details?.preTokens),
    tokens_after: wholeCountOf(details?.postTokens),
    duration_us: microsOfDuration(details?.durationMs),
  };
  const { duration_us: duration } = facts;
  return parsed([
    {
      kind: 'compaction',
      eventId: lineId(line),
      key,
      parent: openParentOf(line, memory),
      // The line is written when the compaction is done.
      atMicros: typeof duration === 'number' ? line.atMicros - duration : undefined,
      facts,
    },
  ]);
}

/** A call that failed and is retried; the lane's next answer gets the number of attempts. */
function apiError(line: Line, memory: Memory): LineResult {
  const error = objectOf(line.record.error);
  const attempt = wholeCountOf(line.record.retryAttempt);
  const reason = errorTypeOf(line.record.error);
  const lane = memory.lane(line.lane);
  lane.retryCount = Math.max(lane.retryCount ?? 0, attempt ?? (lane.retryCount ?? 0) + 1);
  lane.retryReason = reason;
  const facts = {
    name: 'api_error',
    level: 'warning',
    error_type: reason,
    http_status: wholeCountOf(error?.status),
    retry_attempt: attempt,
    max_retries: wholeCountOf(line.record.maxRetries),
    retry_in_us: microsOfDuration(line.record.retryInMs),
  };
  const message = textOf(error?.message);
  const told: Fact = { ...notice(line, facts), parent: parentKeyOf(line, memory) };
  return parsed([message === undefined ? told : { ...told, contents: [text('error', message)] }]);
}

function stopHooks(line: Line): LineResult {
  const errors = listOf(line.record.hookErrors).length;
  const facts = {
    name: 'stop_hooks',
    level: errors > 0 ? 'warning' : 'info',
    hook_count: wholeCountOf(line.record.hookCount),
    hook_errors: errors,
    prevented_continuation: line.record.preventedContinuation === true,
    duration_us: hookMicros(line),
  };
  return parsed([notice(line, facts)]);
}

function hookMicros(line: Line): number | undefined {
  const times = listOf(line.record.hookInfos).map((info) =>
    microsOfDuration(objectOf(info)?.durationMs),
  );
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : wholeCountOf(known.reduce((sum, time) => sum + time, 0));
}

/** The client switched to another model, or found none to switch to, and why. */
function modelFallback(line: Line): LineResult {
  const { record } = line;
  const facts = {
    name: 'model_fallback',
    level: 'warning',
    reason: textOf(record.apiRefusalCategory) ?? textOf(record.subtype),
    from_model: textOf(record.originalModel),
    to_model: textOf(record.fallbackModel),
  };
  return parsed([notice(line, facts, textOf(record.content))]);
}

/** The prompt of the task comes next, in a turn of its own. */
function scheduledTask(line: Line, memory: Memory): LineResult {
  if (memory.turn?.ended !== undefined) memory.turn.taskFired = true;
  return said(line, 'scheduled_task');
}

function said(line: Line, name: string): LineResult {
  const stated = textOf(line.record.level);
  const level = stated === 'error' || stated === 'warning' ? stated : 'info';
  const content = textOf(line.record.content);
  return parsed([notice(line, { name, level }, content)]);
}
