import { statSync } from 'node:fs';

/**
 * Identity of the file behind a path, following links; undefined when there is no file. Throws when the file system
 * does not answer.
 */
export function fileIdentity(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.dev}/${stat.ino}`;
}
