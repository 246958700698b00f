import { useLayoutEffect } from 'preact/hooks';
import { type KeyContext, runKey } from './keyboard.ts';
import { ROW_PIXELS } from './waterfall-scroll.ts';

/** Keys act while nothing else that takes keys has the focus. */
function takesKeys(target: EventTarget | null): boolean {
  return (
    target === document.body ||
    (target instanceof Element && target.closest('[role="tree"]') !== null)
  );
}

/** Lets the page's keys act on what is shown now. */
export function usePageKeys(page: Omit<KeyContext, 'pageRows'>): void {
  // Before the next event, not after the next picture: keys may come fast.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const everywhere = event.key === '?' || event.key === 'Escape';
      if (event.key !== 'Escape' && !takesKeys(event.target)) return;
      if (page.state.tab !== 'waterfall' && !everywhere) return;
      const pageRows = Math.max(1, Math.floor(innerHeight / ROW_PIXELS / 2));
      if (runKey(event, { ...page, pageRows })) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}
