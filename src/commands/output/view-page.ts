import { rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Store } from '../../store/open-store.ts';

/** Where `view` writes the page of a session by default: beside the store, which is private too. */
export function usualPage(store: Store, sessionId: string): string {
  const name = sessionId.replaceAll(/[^\w-]/g, '_').slice(0, 80);
  return join(dirname(resolve(store.path)), 'views', `${name}.html`);
}

/** Removes the page, if any, of a session whose texts are to be erased. */
export function removePage(store: Store, sessionId: string): void {
  rmSync(usualPage(store, sessionId), { force: true });
}
