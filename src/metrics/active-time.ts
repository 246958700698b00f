/** Most disjoint intervals held at once; older ones are closed and only their length is kept. */
const MAX_OPEN_INTERVALS = 512;

interface Interval {
  start: number;
  end: number;
}

/** Length of the union of intervals, in the unit they are given in. */
export interface ActiveTime {
  add(start: number, end: number): void;
  /** Undefined if nothing was added. */
  total(): number | undefined;
}

/**
 * Adds up the time covered by intervals that arrive roughly in the order of their ends. The order does not matter as
 * long as at most {@link MAX_OPEN_INTERVALS} gaps lie between an interval and the newest one; anything before the
 * closed part is cut off rather than counted twice.
 */
export function createActiveTime(): ActiveTime {
  const open: Interval[] = [];
  let closed = 0;
  let floor = Number.NEGATIVE_INFINITY;
  let any = false;

  return {
    add(start, end) {
      any = true;
      const from = Math.max(start, floor);
      if (end < from) return;
      insert(open, { start: from, end });
      while (open.length > MAX_OPEN_INTERVALS) {
        const oldest = open.shift() as Interval;
        closed += oldest.end - oldest.start;
        floor = oldest.end;
      }
    },
    total() {
      if (!any) return undefined;
      return open.reduce((sum, interval) => sum + interval.end - interval.start, closed);
    },
  };
}

/** Keeps `open` sorted and disjoint; scans from the newest, where almost every interval belongs. */
function insert(open: Interval[], added: Interval): void {
  let after = open.length;
  while (after > 0 && (open[after - 1] as Interval).start > added.end) after -= 1;
  let first = after;
  const merged = { ...added };
  while (first > 0 && (open[first - 1] as Interval).end >= added.start) {
    first -= 1;
    const touched = open[first] as Interval;
    merged.start = Math.min(merged.start, touched.start);
    merged.end = Math.max(merged.end, touched.end);
  }
  open.splice(first, after - first, merged);
}
