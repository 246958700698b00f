import type { ConfigFile } from './config-files.ts';

/** A value from a configuration file, and which file that is. */
export interface Configured {
  readonly value: unknown;
  readonly file: ConfigFile;
}

type Tree = Readonly<Record<string, unknown>>;

/** The value at a dotted path; undefined if there is none. Keys that contain a dot cannot be reached. */
export function valueAt(value: unknown, path: string): unknown {
  let here = value;
  for (const key of path.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Tree)[key];
  }
  return here;
}

/** The values at the path from every file that has one, highest precedence first. */
export function allAt(files: readonly ConfigFile[], path: string): Configured[] {
  return files.flatMap((file) => {
    const value = valueAt(file.value, path);
    return value === undefined ? [] : [{ value, file }];
  });
}

/**
 * All destinations by name, each taken whole from one file, so that keys of two files never mix. The user's own takes
 * precedence over a project's of the same name: a project must not redirect what is sent to a known name.
 */
export function destinationsOf(files: readonly ConfigFile[]): Map<string, Configured> {
  const found = new Map<string, Configured>();
  for (const file of files.toSorted((a, b) => rank(a) - rank(b))) {
    const named = valueAt(file.value, 'destinations') as Tree | undefined;
    for (const [name, value] of Object.entries(named ?? {})) {
      if (!found.has(name)) found.set(name, { value, file });
    }
  }
  return found;
}

const rank = (file: ConfigFile): number => (file.scope === 'user' ? 0 : 1);
