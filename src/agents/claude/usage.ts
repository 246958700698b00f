import type { Facts } from '../../session/event.ts';
import { type JsonObject, objectOf, textOf } from '../json-values.ts';
import { wholeCountOf } from './json-value.ts';

const TINY_OUTPUT = 10;

/**
 * Whether a line may be written before the answer is complete, with the counts of that moment. Transcript lines are
 * updated later, except some of a subagent's; printed ones are not.
 */
export type Early = 'never' | 'perhaps' | 'always';

/**
 * Token counts of one line. `usage_input` is the total with cached tokens, `usage_raw_input` what the API calls input;
 * undefined if the line has no usage. A count that is not final is marked `lower_bound`.
 */
export function usageFacts(
  usage: JsonObject | undefined,
  early: Early,
  stopReason: string | undefined,
): Facts | undefined {
  if (usage === undefined) return undefined;
  const raw = wholeCountOf(usage.input_tokens);
  const output = wholeCountOf(usage.output_tokens);
  const cacheRead = wholeCountOf(usage.cache_read_input_tokens);
  const split = objectOf(usage.cache_creation);
  const write5m = wholeCountOf(split?.ephemeral_5m_input_tokens);
  const write1h = wholeCountOf(split?.ephemeral_1h_input_tokens);
  const cacheWrite = cacheWriteOf(
    wholeCountOf(usage.cache_creation_input_tokens),
    write5m,
    write1h,
  );
  const server = objectOf(usage.server_tool_use);
  return {
    usage_input:
      raw === undefined ? undefined : wholeCountOf(raw + (cacheRead ?? 0) + (cacheWrite ?? 0)),
    usage_raw_input: raw,
    usage_output: output,
    usage_cache_read: cacheRead,
    usage_cache_write: cacheWrite,
    usage_cache_write_5m: write5m,
    usage_cache_write_1h: write1h,
    usage_reasoning: wholeCountOf(objectOf(usage.output_tokens_details)?.thinking_tokens),
    usage_basis: basisOf(early, stopReason, output),
    web_search_requests: wholeCountOf(server?.web_search_requests) || undefined,
    web_fetch_requests: wholeCountOf(server?.web_fetch_requests) || undefined,
    service_tier: textOf(usage.service_tier),
    speed: textOf(usage.speed),
  };
}

/** Some builds wrote a total of 0 together with a non-zero split. */
function cacheWriteOf(total?: number, write5m?: number, write1h?: number): number | undefined {
  if (total === undefined && write5m === undefined && write1h === undefined) return undefined;
  return Math.max(total ?? 0, wholeCountOf((write5m ?? 0) + (write1h ?? 0)) ?? 0);
}

function basisOf(early: Early, stopReason: string | undefined, output: number | undefined): string {
  if (stopReason !== undefined) return 'exact';
  const isTiny = (output ?? 0) <= TINY_OUTPUT;
  return early === 'always' || (early === 'perhaps' && isTiny) ? 'lower_bound' : 'merged';
}
