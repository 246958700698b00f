import type { ToolCallOperation } from '../session/operation.ts';

/** Most agents that are tracked at once; the one that has been quiet longest is forgotten first. */
const MOST_LANES = 1000;

/** Finds calls that one agent repeats. Memory: one window per agent. */
export class LoopDetector {
  readonly #threshold: number;
  readonly #window: number;
  readonly #lanes = new Map<string, string[]>();

  constructor(threshold: number, window: number) {
    this.#threshold = threshold;
    this.#window = window;
  }

  /** How often the call occurs among its agent's latest calls, once that reaches the threshold; otherwise undefined. */
  saw(call: ToolCallOperation): number | undefined {
    if (call.callDigest === undefined) return undefined;
    const lane = `${call.session}\n${call.lane}`;
    const recent = this.#lanes.get(lane) ?? [];
    this.#lanes.delete(lane);
    recent.push(`${call.name}\n${call.callDigest}`);
    if (recent.length > this.#window) recent.shift();
    this.#lanes.set(lane, recent);
    if (this.#lanes.size > MOST_LANES) this.#forgetQuietest();
    const same = recent.filter((key) => key === recent.at(-1)).length;
    return same >= this.#threshold ? same : undefined;
  }

  #forgetQuietest(): void {
    const quietest = this.#lanes.keys().next().value;
    if (quietest !== undefined) this.#lanes.delete(quietest);
  }
}
