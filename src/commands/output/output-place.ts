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
import type { CommandContext } from '../command.ts';

/** The file named with `--output`; undefined for standard output. */
export function outputPath({ options }: CommandContext): string | undefined {
  const { output } = options;
  return typeof output === 'string' && output !== '-' ? output : undefined;
}

/** Where the output goes that the user named. */
export interface OutputPlace {
  /** The path after following links. */
  readonly target: string;
  /** Where the bytes go until they are complete; undefined if it is not a regular file, which is written directly. */
  readonly unfinished: string | undefined;
  /** The file that already has the name. */
  readonly replaced: Stats | undefined;
}

/** Resolves what the name stands for. Throws the system's error if it cannot be written. */
export function outputPlace(path: string): OutputPlace {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing === undefined) {
    const target = targetOfLink(path) ?? path;
    return { target, unfinished: unfinishedOf(target), replaced: undefined };
  }
  // A file in these folders may be an output of this program that other processes write to as well.
  if (!existing.isFile() || /^\/(?:dev|proc)\//.test(resolve(path)))
    return { target: path, unfinished: undefined, replaced: undefined };
  const target = realpathSync(path);
  accessSync(target, constants.W_OK);
  return { target, unfinished: unfinishedOf(target), replaced: existing };
}

function unfinishedOf(target: string): string {
  return join(dirname(target), `${basename(target)}.unfinished`);
}

/** The target of a link that leads nowhere yet. */
function targetOfLink(path: string): string | undefined {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
  const target = resolve(dirname(path), readlinkSync(path));
  return targetOfLink(target) ?? target;
}
