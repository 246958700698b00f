import { useLayoutEffect, useRef } from 'preact/hooks';
import type { TimeScale } from '../time-scale.ts';
import type { Update } from './app-state.ts';
import { useElementSize } from './element-size.ts';
import { busyColumns, LANE_COUNT, laneOf } from './minimap-columns.ts';
import type { Row } from './row.ts';
import { themeColor } from './theme.ts';
import { clampWindow, type TimeWindow, WHOLE } from './time-window.ts';

interface MinimapProps {
  readonly rows: readonly Row[];
  readonly scale: TimeScale;
  readonly window: TimeWindow;
  readonly dark: boolean;
  readonly update: Update;
}

const HEIGHT = 44;
/** Opacity of the shortest operation, 0 to 1. */
const FAINTEST = 0.3;

function draw(canvas: HTMLCanvasElement, width: number, { rows, scale, dark }: MinimapProps): void {
  const ratio = devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = HEIGHT * ratio;
  const pen = canvas.getContext('2d');
  if (!pen) return;
  pen.scale(ratio, ratio);
  const lane = (HEIGHT - 6) / LANE_COUNT;
  const topOf = (index: number): number => 3 + index * lane;
  const element = canvas.parentElement ?? canvas;
  for (const [index, { color, busy }] of busyColumns(rows, scale, Math.ceil(width)).entries()) {
    pen.fillStyle = themeColor(element, color, dark);
    for (const [column, share] of busy.entries()) {
      if (share === 0) continue;
      pen.globalAlpha = FAINTEST + (1 - FAINTEST) * Math.min(1, share);
      pen.fillRect(column, topOf(index), 1, lane - 1.5);
    }
  }
  pen.globalAlpha = 1;
  pen.fillStyle = themeColor(element, '--bad', dark);
  for (const row of rows) {
    if (row.kind === 'turn' || (row.mark !== 'error' && row.mark !== 'denied')) continue;
    const from = scale.position(row.startMicros) * width;
    const wide = Math.max(2, scale.position(row.endMicros) * width - from);
    pen.fillRect(Math.min(from, width - wide), topOf(laneOf(row)) - 1, wide, lane + 1);
  }
}

/** Dragging inside the frame moves it; dragging elsewhere selects another interval. */
function useBrush({ window, scale, update }: MinimapProps, width: number) {
  const drag = useRef<{ start: number; moves: boolean; from: TimeWindow } | null>(null);
  const place = (event: PointerEvent): number => {
    const { left } = (event.currentTarget as Element).getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / Math.max(1, width)));
  };
  const choose = (from: number, to: number): void =>
    update({ window: clampWindow({ from, to }, scale) });
  return {
    onPointerDown(event: PointerEvent): void {
      const start = place(event);
      const whole = window.to - window.from > 0.999;
      const moves = !whole && start >= window.from && start <= window.to;
      drag.current = { start, moves, from: window };
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
    },
    onPointerMove(event: PointerEvent): void {
      if (!drag.current) return;
      const { start, moves, from } = drag.current;
      const at = place(event);
      if (moves) choose(from.from + at - start, from.to + at - start);
      else if (Math.abs(at - start) * width > 3) choose(Math.min(start, at), Math.max(start, at));
    },
    onPointerUp(): void {
      drag.current = null;
    },
  };
}

/** The whole session at a glance, with the visible part framed; drag to choose another part. */
export function Minimap(props: MinimapProps) {
  const { rows, scale, window, dark, update } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useElementSize(box);
  const brush = useBrush(props, width);
  // At once, because nothing is drawn between the start of printing and the paper.
  useLayoutEffect(() => {
    if (canvas.current && width > 0) draw(canvas.current, width, props);
  }, [rows, scale, width, dark]);
  const percent = (share: number): string => `${share * 100}%`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointer only; zoom and pan have keys and buttons
    <div ref={box} class="minimap" {...brush} onDblClick={() => update({ window: WHOLE })}>
      <canvas ref={canvas} role="img" aria-label="Overview of the whole session" />
      <div class="shade" style={{ left: 0, width: percent(window.from) }} />
      <div class="shade" style={{ left: percent(window.to), right: 0 }} />
      <div
        class="frame"
        style={{ left: percent(window.from), width: percent(window.to - window.from) }}
      />
    </div>
  );
}
