import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { FileAccess } from '../session/operation.ts';

/** Most distinct paths remembered per session; beyond this, the count is marked as a lower bound. */
const MAX_DISTINCT_FILES = 100_000;
/** Longer paths are remembered by their digest, so that the cap above also limits the bytes. */
const MAX_KEPT_LENGTH = 300;

const WINDOWS_ABSOLUTE = /^(?:[A-Za-z]:[\\/]|\\\\)/;

export interface BlastRadius {
  add(file: FileAccess): void;
  count(): number;
  capped(): boolean;
}

/** Counts distinct files written, moved or deleted; relative paths are resolved against `cwd`. */
export function createBlastRadius(cwd: string | undefined): BlastRadius {
  const seen = new Set<string>();
  let capped = false;
  return {
    add(file) {
      if (file.action === 'read' || file.path === '') return;
      const path = keyOf(canonicalPath(file.path, cwd));
      if (seen.has(path)) return;
      if (seen.size >= MAX_DISTINCT_FILES) capped = true;
      else seen.add(path);
    },
    count: () => seen.size,
    capped: () => capped,
  };
}

function keyOf(path: string): string {
  return path.length <= MAX_KEPT_LENGTH ? path : createHash('sha256').update(path).digest('hex');
}

/**
 * One spelling per path, derived from the text alone, because the recorded machine's disk is not available. `\` only
 * separates in paths that begin like Windows paths; elsewhere it is an ordinary character.
 */
function canonicalPath(path: string, cwd: string | undefined): string {
  const windows = WINDOWS_ABSOLUTE.test(path) || (cwd !== undefined && WINDOWS_ABSOLUTE.test(cwd));
  const slashed = (text: string): string => (windows ? text.replaceAll('\\', '/') : text);
  const given = slashed(path);
  const absolute = given.startsWith('/') || given.startsWith('~') || WINDOWS_ABSOLUTE.test(path);
  const whole = absolute || cwd === undefined ? given : `${slashed(cwd)}/${given}`;
  const normal = posix.normalize(whole);
  const trimmed = normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
  return windows ? trimmed.toLowerCase() : trimmed;
}
