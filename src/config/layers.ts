import type { ConfigFile } from './config-files.ts';

/** A value of a configuration file and where it stands. */
export interface Configured {
  readonly value: unknown;
  readonly file: ConfigFile;
}

type Tree = Readonly<Record<string, unknown>>;

/** What stands at a dotted path; undefined where nothing does. Keys with a dot in them cannot be reached. */
export function valueAt(value: unknown, path: string): unknown {
  let here = value;
  for (const key of path.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Tree)[key];
  }
  return here;
}

/** Every file that says something at the path, the one that wins first. */
export function allAt(files: readonly ConfigFile[], path: string): Configured[] {
  return files.flatMap((file) => {
    const value = valueAt(file.value, path);
    return value === undefined ? [] : [{ value, file }];
  });
}

/**
 * All destinations by name, each whole from one file, so that keys of two files never mix. The person's own wins over
 * one of the same name in a project, whose file must not turn elsewhere what is sent to a name that is known.
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
