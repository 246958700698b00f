import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MOST_FOLDERS = 64;

/** The branch checked out in a folder, read from git's own files; undefined outside a repository. */
export function gitBranchOf(folder: string): string | undefined {
  try {
    const head = readFileSync(join(gitFolderOf(folder), 'HEAD'), 'utf8').slice(0, 1024);
    return /^ref: refs\/heads\/(\S+)/.exec(head)?.[1];
  } catch {
    return undefined;
  }
}

/** Throws if there is none. In a worktree, `.git` is a file that names the folder. */
function gitFolderOf(folder: string): string {
  let at = folder;
  for (let depth = 0; depth < MOST_FOLDERS; depth++) {
    const place = join(at, '.git');
    const stat = statSync(place, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) return place;
    if (stat?.isFile() === true) {
      const named = /^gitdir: (.+)$/m.exec(readFileSync(place, 'utf8'))?.[1];
      if (named !== undefined) return named.startsWith('/') ? named : join(at, named);
    }
    if (dirname(at) === at) break;
    at = dirname(at);
  }
  throw new Error('no repository');
}
