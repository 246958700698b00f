import { statSync } from 'node:fs';

/** Which file a path leads to, links followed; undefined where there is none. Throws where the file system does not answer. */
export function fileIdentity(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.dev}/${stat.ino}`;
}
