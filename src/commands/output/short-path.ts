import { sep } from 'node:path';

/** A path as its owner knows it, shorter. */
export function shortPath(path: string, home: string): string {
  return isBelow(path, home) ? `~${path.slice(home.length)}` : path;
}

/** The same, and from the working folder where it lies in there. */
export function nearPath(path: string, home: string, folder: string): string {
  return isBelow(path, folder) && path !== folder
    ? path.slice(folder.length + 1)
    : shortPath(path, home);
}

export function isBelow(path: string, folder: string): boolean {
  return folder.length > 1 && (path === folder || path.startsWith(folder + sep));
}
