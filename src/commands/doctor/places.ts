import { basename, sep } from 'node:path';
import { isBelow } from '../output/short-path.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const FOLDER_VARIABLE = /^[A-Z][A-Z0-9_]*(?:HOME|DIR|ROOT|PATH|DB|PWD|DATA)$|^PWD$/;

/**
 * A path that reveals nothing about the user: starts with the variable if it is below a folder named by one, with `~`
 * below the home folder, and otherwise is only the last name. The user's name is removed wherever it occurs.
 */
export function anonymousPath(path: string, home: string, env: Environment): string {
  const named = Object.entries(env)
    .filter(([name, value]) => FOLDER_VARIABLE.test(name) && isBelow(path, trimmed(value)))
    .map(([name, value]) => ({ label: `$${name}`, folder: trimmed(value) }))
    .filter(({ folder }) => !isBelow(home, folder))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
  if (named !== undefined) return withoutUser(named.label + path.slice(named.folder.length), home);
  if (isBelow(path, home)) return withoutUser(`~${path.slice(home.length)}`, home);
  return withoutUser(`…${sep}${basename(path)}`, home);
}

function trimmed(value: string | undefined): string {
  return (value ?? '').replace(/[/\\]+$/, '');
}

function withoutUser(path: string, home: string): string {
  const user = basename(home).toLowerCase();
  const parts = path.split(sep);
  return parts.map((part) => (part.toLowerCase() === user ? '<user>' : part)).join(sep);
}
