import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { TimeScale } from '../time-scale.ts';
import type { AppState, Update } from './app-state.ts';
import { useElementSize } from './element-size.ts';
import type { Row } from './row.ts';
import { TimeGrid } from './time-grid.tsx';
import { panWindow, windowAround, zoomWindow } from './time-window.ts';
import type { VisibleRows } from './visible-rows.ts';
import { WaterfallRow } from './waterfall-row.tsx';

export const ROW_PIXELS = 26;
/** Rows drawn above and below what is on screen, so that fast scrolling shows no gap. */
const SPARE_ROWS = 8;
const CLICK_PIXELS = 4;

interface WaterfallProps {
  readonly visible: VisibleRows;
  readonly state: AppState;
  readonly update: Update;
  readonly scale: TimeScale;
  readonly words: readonly string[];
}

/** Width of the names: most of a narrow screen, a third of a wide one. */
function nameWidth(width: number): number {
  return Math.round(width < 640 ? width * 0.56 : Math.min(640, Math.max(280, width * 0.36)));
}

function placeOf(rows: readonly Row[], index: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.index ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  return rows[low]?.index === index ? low : -1;
}

/** Wheel with Ctrl zooms at the pointer, with Shift or sideways it pans; otherwise it scrolls as ever. */
function useWheel(
  scroller: { current: HTMLElement | null },
  names: number,
  scale: TimeScale,
  update: Update,
): void {
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onWheel = (event: WheelEvent): void => {
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (!event.ctrlKey && !event.metaKey && !sideways) return;
      event.preventDefault();
      const track = Math.max(1, element.clientWidth - names);
      const { left } = element.getBoundingClientRect();
      const around = Math.min(1, Math.max(0, (event.clientX - left - names) / track));
      update(({ window }) =>
        event.ctrlKey || event.metaKey
          ? { window: zoomWindow(window, Math.exp(event.deltaY * 0.004), around, scale) }
          : { window: panWindow(window, (event.deltaX || event.deltaY) / track, scale) },
      );
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [names, scale, update]);
}

/** Dragging in the time part pans; a press that hardly moves is a click on the row. */
function useDrag(names: number, width: number, scale: TimeScale, update: Update) {
  const drag = useRef<{ x: number; moved: number } | null>(null);
  return {
    onPointerDown(event: PointerEvent): void {
      const { left } = (event.currentTarget as Element).getBoundingClientRect();
      const inTrack = event.clientX - left > names;
      drag.current = inTrack && event.button === 0 ? { x: event.clientX, moved: 0 } : null;
    },
    onPointerMove(event: PointerEvent): void {
      if (!drag.current || event.buttons === 0) return;
      const step = event.clientX - drag.current.x;
      drag.current.x = event.clientX;
      drag.current.moved += Math.abs(step);
      if (drag.current.moved > CLICK_PIXELS) {
        update(({ window }) => ({
          window: panWindow(window, -step / Math.max(1, width - names), scale),
        }));
      }
    },
    wasDrag: (): boolean => (drag.current?.moved ?? 0) > CLICK_PIXELS,
  };
}

function useScroll(
  scroller: { current: HTMLElement | null },
  rows: readonly Row[],
  selected: number,
) {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const element = scroller.current;
    const place = placeOf(rows, selected);
    if (!element || place < 0) return;
    const at = place * ROW_PIXELS;
    if (at < element.scrollTop) element.scrollTop = at;
    else if (at + ROW_PIXELS > element.scrollTop + element.clientHeight) {
      element.scrollTop = at + ROW_PIXELS - element.clientHeight;
    }
  }, [selected, rows]);
  return { top, onScroll: () => setTop(scroller.current?.scrollTop ?? 0) };
}

/**
 * Follows a newly chosen window: unless the selected row is on screen and in it, the first row that
 * lies in the window comes into the upper third of the screen.
 */
function useFollow(
  scroller: { current: HTMLElement | null },
  rows: readonly Row[],
  scale: TimeScale,
  state: AppState,
): void {
  const { window, selected } = state;
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const from = scale.micros(window.from);
    const to = scale.micros(window.to);
    const inside = (row: Row): boolean =>
      !row.container && row.endMicros >= from && row.startMicros <= to;
    const top = Math.floor(element.scrollTop / ROW_PIXELS);
    const count = Math.ceil(element.clientHeight / ROW_PIXELS);
    if (rows.slice(top, top + count).some((row) => row.index === selected && inside(row))) return;
    const place = rows.findIndex(inside);
    if (place < 0 || (place >= top && place < top + count / 3)) return;
    element.scrollTop = Math.max(0, place - 1) * ROW_PIXELS;
  }, [window]);
}

/** The session as a tree with a bar per operation. Only the rows on screen exist in the document. */
export function Waterfall({ visible, state, update, scale, words }: WaterfallProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { width, height } = useElementSize(scroller);
  const names = nameWidth(width);
  const { rows } = visible;
  const { top, onScroll } = useScroll(scroller, rows, state.selected);
  useFollow(scroller, rows, scale, state);
  useWheel(scroller, names, scale, update);
  const { wasDrag, ...dragging } = useDrag(names, width, scale, update);

  const rowAt = (event: Event): Row | undefined => {
    const place = (event.target as Element).closest<HTMLElement>('[data-row]')?.dataset.row;
    return place === undefined ? undefined : rows[placeOf(rows, Number(place))];
  };
  const fold = (row: Row): void =>
    update(({ collapsed }) => {
      const next = new Set(collapsed);
      if (!next.delete(row.index)) next.add(row.index);
      return { collapsed: next, selected: row.index };
    });
  const first = Math.max(0, Math.floor(top / ROW_PIXELS) - SPARE_ROWS);
  const last = Math.min(rows.length, Math.ceil((top + height) / ROW_PIXELS) + SPARE_ROWS);
  const active = placeOf(rows, state.selected);
  return (
    <div class="waterfall" style={{ '--names': `${names}px` }}>
      <TimeGrid scale={scale} window={state.window} names={names} width={width - names} />
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the page's keys act on the selected row */}
      <div
        ref={scroller}
        class="scroller"
        role="tree"
        tabIndex={0}
        aria-label="Operations of the session"
        aria-activedescendant={
          active >= first && active < last ? `row-${state.selected}` : undefined
        }
        onScroll={onScroll}
        {...dragging}
        onClick={(event) => {
          const row = wasDrag() ? undefined : rowAt(event);
          if (!row) return;
          if ((event.target as Element).closest('[data-fold]')) fold(row);
          else update({ selected: row.index, detailsOpen: true });
        }}
        onDblClick={(event) => {
          const row = rowAt(event);
          if (row) update({ window: windowAround(row.startMicros, row.endMicros, scale) });
        }}
      >
        {rows.length > 0 && (
          <div role="none" class="rows" style={{ height: `${rows.length * ROW_PIXELS}px` }}>
            {rows.slice(first, last).map((row, offset) => (
              <WaterfallRow
                key={row.index}
                row={row}
                top={(first + offset) * ROW_PIXELS}
                selected={row.index === state.selected}
                context={visible.filtered && !visible.matches.has(row.index)}
                collapsed={state.collapsed.has(row.index)}
                scale={scale}
                window={state.window}
                words={words}
                trackPixels={width - names}
              />
            ))}
          </div>
        )}
      </div>
      {rows.length === 0 && (
        <p class="empty">Nothing in this session is like that. Esc clears the search.</p>
      )}
    </div>
  );
}
