import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Theme } from './app-state.ts';
import { usePrinting } from './printing.ts';

/** Applies the chosen theme to the document and returns whether the page is dark; on paper, it never is. */
export function useDark(theme: Theme): boolean {
  const printing = usePrinting();
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
  return !printing && (theme === 'auto' ? systemDark : theme === 'dark');
}

/** The colour of the theme's custom property, resolved for light or dark, as canvas and charts need it. */
export function themeColor(element: Element, property: string, dark: boolean): string {
  const probe = document.createElement('span');
  // The page as a whole only turns light when it is on paper, which is too late.
  probe.style.colorScheme = dark ? 'dark' : 'light';
  probe.style.color = `var(${property})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
