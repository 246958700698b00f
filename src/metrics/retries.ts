/** Calls of one lane that wait to be put in order; see docs/metrics.md. */
const WINDOW = 128;
/** Most lanes that are tracked at once. */
const MAX_LANES = 256;

/** What the retry count needs to know about a tool call that ran. Times are microseconds. */
interface RanCall {
  readonly id: string;
  readonly lane: string;
  readonly name: string;
  readonly startMicros: number;
  readonly endMicros: number;
  readonly failed: boolean;
  readonly callDigest: string | undefined;
}

interface Lane {
  /** Sorted by (startMicros, id). */
  readonly waiting: RanCall[];
  previous: RanCall | undefined;
}

export interface RetryCounter {
  add(call: RanCall): void;
  /** Number of retries among all calls added; call once, at the end. */
  finish(): number;
}

/**
 * Is `call` a retry of the preceding call in its lane? It must be of the same tool and have begun after that one had
 * ended, and either that one failed or both had the same input.
 */
function isRetry(call: RanCall, previous: RanCall): boolean {
  if (call.name !== previous.name || call.startMicros < previous.endMicros) return false;
  const sameInput = call.callDigest !== undefined && call.callDigest === previous.callDigest;
  return previous.failed || sameInput;
}

/**
 * Counts retries over calls in the order in which they end. A lane's calls are judged in the order (startMicros, id);
 * the count does not depend on the order of arrival as long as no call is overtaken by more than {@link WINDOW} later
 * ones of its lane. A call that arrives even later is not counted as a retry.
 */
export function createRetryCounter(): RetryCounter {
  const lanes = new Map<string, Lane>();
  let retries = 0;

  const judgeFirst = (lane: Lane): void => {
    const call = lane.waiting.shift() as RanCall;
    if (lane.previous !== undefined && !before(lane.previous, call)) return;
    if (lane.previous !== undefined && isRetry(call, lane.previous)) retries += 1;
    lane.previous = call;
  };
  const drain = (lane: Lane): void => {
    while (lane.waiting.length > 0) judgeFirst(lane);
  };

  return {
    add(call) {
      const lane = lanes.get(call.lane) ?? { waiting: [], previous: undefined };
      // Reinserting keeps the map in order of last use, so that its first key is the lane idle for longest.
      lanes.delete(call.lane);
      lanes.set(call.lane, lane);
      insertSorted(lane.waiting, call);
      if (lane.waiting.length > WINDOW) judgeFirst(lane);
      if (lanes.size > MAX_LANES) {
        const [idlest, idlestLane] = lanes.entries().next().value as [string, Lane];
        drain(idlestLane);
        lanes.delete(idlest);
      }
    },
    finish() {
      for (const lane of lanes.values()) drain(lane);
      return retries;
    },
  };
}

function before(a: RanCall, b: RanCall): boolean {
  return a.startMicros < b.startMicros || (a.startMicros === b.startMicros && a.id < b.id);
}

function insertSorted(waiting: RanCall[], call: RanCall): void {
  let at = waiting.length;
  while (at > 0 && before(call, waiting[at - 1] as RanCall)) at -= 1;
  waiting.splice(at, 0, call);
}
