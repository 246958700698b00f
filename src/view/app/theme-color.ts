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
