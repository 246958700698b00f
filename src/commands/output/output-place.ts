import {
  accessSync,
  constants,
  lstatSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Where something is written that people gave a name. */
export interface OutputPlace {
  /** What has the name, links followed. */
  readonly target: string;
  /** Where the bytes are until they are whole; undefined for what is no file and is written as it is. */
  readonly unfinished: string | undefined;
  /** The file that has the name already. */
  readonly replaced: Stats | undefined;
}

/** Finds out what the name stands for. Throws what the system says of a place that cannot be written. */
export function outputPlace(path: string): OutputPlace {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing === undefined) {
    const target = targetOfLink(path) ?? path;
    return { target, unfinished: unfinishedOf(target), replaced: undefined };
  }
  // What these folders call a file may be an output of the program that others write to as well.
  if (!existing.isFile() || /^\/(?:dev|proc)\//.test(resolve(path)))
    return { target: path, unfinished: undefined, replaced: undefined };
  const target = realpathSync(path);
  accessSync(target, constants.W_OK);
  return { target, unfinished: unfinishedOf(target), replaced: existing };
}

function unfinishedOf(target: string): string {
  return join(dirname(target), `${basename(target)}.unfinished`);
}

/** What a link leads to that leads to nothing yet. */
function targetOfLink(path: string): string | undefined {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
  const target = resolve(dirname(path), readlinkSync(path));
  return targetOfLink(target) ?? target;
}
