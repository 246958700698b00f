import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Theme } from './app-state.ts';

/** Puts the chosen theme on the document and tells whether the page is dark now. */
export function useDark(theme: Theme): boolean {
  const [systemDark, setSystemDark] = useState(matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const onChange = (): void => setSystemDark(query.matches);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, []);
  // Before anything is drawn with the theme's colours.
  useLayoutEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return theme === 'auto' ? systemDark : theme === 'dark';
}

/**
 * The colour that a custom property of the theme stands for where `element` is, as canvas and charts
 * need it: resolved to what is drawn now, light or dark.
 */
export function themeColor(element: Element, property: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${property})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
