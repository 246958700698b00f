import type { TimeScale } from '../time-scale.ts';

/** The part of the session on screen, as positions on the time scale (0 to 1). */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

export const WHOLE: TimeWindow = { from: 0, to: 1 };

/** Shortest interval that can be zoomed to, in microseconds. */
const SHORTEST_MICROS = 20;

/** A window, moved and trimmed so that it lies within the session. */
export function clampWindow(window: TimeWindow, scale: TimeScale): TimeWindow {
  const shortest = Math.min(1, SHORTEST_MICROS / scale.activeMicros);
  const width = Math.min(1, Math.max(shortest, window.to - window.from));
  const from = Math.min(1 - width, Math.max(0, window.from));
  return { from, to: from + width };
}

/** Makes the window `factor` times as wide around a point in it (0 left, 1 right). */
export function zoomWindow(
  window: TimeWindow,
  factor: number,
  around: number,
  scale: TimeScale,
): TimeWindow {
  const width = window.to - window.from;
  const centre = window.from + width * around;
  const next = width * factor;
  return clampWindow({ from: centre - next * around, to: centre + next * (1 - around) }, scale);
}

/** Moves the window by a share of its width. */
export function panWindow(window: TimeWindow, share: number, scale: TimeScale): TimeWindow {
  const step = (window.to - window.from) * share;
  return clampWindow({ from: window.from + step, to: window.to + step }, scale);
}

/** The window that shows an interval with some space around it. */
export function windowAround(startMicros: number, endMicros: number, scale: TimeScale): TimeWindow {
  const from = scale.position(startMicros);
  const to = scale.position(endMicros);
  const room = Math.max((to - from) * 0.1, SHORTEST_MICROS / scale.activeMicros);
  return clampWindow({ from: from - room, to: to + room }, scale);
}
