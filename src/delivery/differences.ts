import type { Profile } from './ports.ts';

/** Settings determined by the session, the clock or the destination, not chosen by a person. */
const FOLLOWING = new Set(['sample_reason', 'sample_probability', 'max_span_bytes']);

/** Names of the settings that differ. */
export function differences(before: Profile, now: Profile): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => !FOLLOWING.has(name) && differs(name, before, now));
}

function differs(name: string, before: Profile, now: Profile): boolean {
  const one = before[name] ?? null;
  const other = now[name] ?? null;
  // `--rebase-time now` shifts by more in each run; what matters is only whether a session was shifted at all.
  if (name === 'shift_us') return (one === null) !== (other === null);
  return one !== other;
}
