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

/** All destinations by name, each from the first file that has it, whole, so that keys of two files never mix. */
export function destinationsOf(files: readonly ConfigFile[]): Map<string, Configured> {
  const found = new Map<string, Configured>();
  for (const file of files) {
    const named = valueAt(file.value, 'destinations') as Tree | undefined;
    for (const [name, value] of Object.entries(named ?? {})) {
      if (!found.has(name)) found.set(name, { value, file });
    }
  }
  return found;
}
