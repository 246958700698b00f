import type { SessionTotals } from '../session/session.ts';
import { beginning, oneLine } from './terminal-text.ts';

const LONGEST_TITLE = 200;

/** The name of a session: its recorded title, else the beginning of its first prompt, if known. Printable. */
export function sessionTitle(
  totals: Pick<SessionTotals, 'title' | 'firstPrompt'>,
): string | undefined {
  const text = totals.title || totals.firstPrompt?.text;
  if (!text) return undefined;
  const shown = oneLine(beginning(text, LONGEST_TITLE)).trim();
  return text.length > LONGEST_TITLE ? `${shown}…` : shown || undefined;
}
