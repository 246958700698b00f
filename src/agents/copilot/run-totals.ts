import type { CopilotState, Totals, Used } from './state.ts';

/**
 * The session's totals, given those that a run states at its end. Versions differ in whether these restart at zero with
 * every resume (copilot-cli#524, #1628, #3994): they include earlier runs unless a counter is smaller than before, or
 * the output is closer to what the log shows for this run alone than to both together.
 */
export function endRun(now: CopilotState, stated: Totals, units: number | undefined): Used {
  const before = now.used?.totals ?? {};
  const isWhole =
    Object.entries(before).every(([name, count]) => (stated[name] ?? 0) >= count) &&
    (stated.usage_output ?? 0) >= (before.usage_output ?? 0) / 2 + (now.runOutput ?? 0);
  const used = {
    totals: isWhole ? stated : sumOf(before, stated),
    units: units === undefined ? now.used?.units : unitsWith(now, units, isWhole),
  };
  now.used = used;
  now.runOutput = 0;
  now.checked = false;
  return used;
}

/** A resume continues from checkpoints, so later counts include the earlier ones, unless they are lower. */
export function unitsWith(now: CopilotState, units: number, isWhole: boolean): number {
  const before = now.used?.units ?? 0;
  return (isWhole || now.checked === true) && units >= before ? units : before + units;
}

function sumOf(before: Totals, stated: Totals): Totals {
  const sums: Record<string, number> = { ...before };
  for (const [name, count] of Object.entries(stated)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
