import { useEffect, useRef } from 'preact/hooks';
import type { TimeScale } from '../time-scale.ts';
import type { Update } from './app-state.ts';
import { panWindow, zoomWindow } from './time-window.ts';

/** If the pointer moves less than this while pressed, it is a click. */
const CLICK_PIXELS = 4;

/** The wheel zooms at the pointer with Ctrl and pans with Shift or sideways; otherwise it scrolls as usual. */
export function useWheel(
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
export function useDrag(names: number, width: number, scale: TimeScale, update: Update) {
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
