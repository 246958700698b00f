import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Theme } from './app-state.ts';

/** Applies the chosen theme to the document and returns whether the page is dark. */
export function useDark(theme: Theme): boolean {
  const [systemDark, setSystemDark] = useState(matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const onChange = (): void => setSystemDark(query.matches);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, []);
  // Before anything is drawn in the theme's colours.
  useLayoutEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return theme === 'auto' ? systemDark : theme === 'dark';
}

/**
 * The current colour of the theme's custom property at `element`, resolved for light or dark, as canvas and charts
 * need it.
 */
export function themeColor(element: Element, property: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${property})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
