import {
  closeSync,
  fchmodSync,
  fchownSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { AgentStraceError, ClosedPipe, whyUnwritable } from '../../errors.ts';
import { type OutputPlace, outputPlace } from './output-place.ts';
import { refusePrecious } from './precious-file.ts';

/** The pieces of a chunk live until it is written: many of them would count as old and be collected late. */
const CHUNK_CHARACTERS = 200_000;
/** A folder that takes no other file. */
const CLOSED_FOLDER: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * A file that is being written beside the one that has its name, so that no half of a file ever has it. A pipe or a
 * device is written as it is. All members throw `output_failed`, and `write` {@link ClosedPipe}.
 */
export interface OutputFile {
  /** Where its bytes can be read until it is finished; undefined for a pipe or a device. */
  readonly unfinished: string | undefined;
  /** Writes all of the bytes. */
  write(bytes: Uint8Array): void;
  /** Gives it its name. */
  finish(): void;
  /** Ends it without: what had the name has it still. Does nothing after `finish`. */
  discard(): void;
}

/** Opens a file for writing; only its owner may read a new one, unless `mode` says otherwise. */
export function openOutputFile(path: string, mode = 0o600): OutputFile {
  return told(path, () => new NamedFile(path, mode));
}

/** Writes a text of usual size as {@link openOutputFile} does. */
export function writeWhole(path: string, text: string, mode?: number): void {
  const file = openOutputFile(path, mode);
  try {
    file.write(Buffer.from(text, 'utf8'));
    file.finish();
  } finally {
    file.discard();
  }
}

/**
 * Writes text to a file as {@link openOutputFile} does, letting other work happen between the chunks. Throws
 * `output_failed` also where `signal` was aborted.
 */
export async function writeOutputFile(
  path: string,
  pieces: Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  told(path, () => mkdirSync(dirname(path), { recursive: true, mode: 0o700 }));
  const file = openOutputFile(path);
  try {
    await writePieces(file, path, pieces, signal);
    file.finish();
  } finally {
    file.discard();
  }
}

/** Writes text to a file that is open and stays so. Throws `output_failed` also where `signal` was aborted. */
export async function writePieces(
  file: OutputFile,
  path: string,
  pieces: Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  for (const chunk of inChunks(pieces)) {
    file.write(Buffer.from(chunk, 'utf8'));
    await setImmediate();
    if (signal.aborted)
      throw new AgentStraceError('output_failed', `stopped; ${path} was not written`);
  }
}

class NamedFile implements OutputFile {
  readonly #path: string;
  readonly #place: OutputPlace;
  #file: number | undefined;

  constructor(path: string, mode: number) {
    this.#path = path;
    const found = outputPlace(path);
    if (found.replaced !== undefined) refusePrecious(found.target);
    const { place, file } = opened(found, mode);
    this.#place = place;
    this.#file = file;
  }

  get unfinished(): string | undefined {
    return this.#place.unfinished;
  }

  write(bytes: Uint8Array): void {
    told(this.#path, () => {
      for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(this.#file!, rest));
    });
  }

  finish(): void {
    const { target, unfinished } = this.#place;
    told(this.#path, () => {
      try {
        this.#close();
        if (unfinished !== undefined) renameSync(unfinished, target);
      } catch (error) {
        this.#remove();
        throw error;
      }
    });
  }

  discard(): void {
    if (this.#file === undefined) return;
    told(this.#path, () => {
      try {
        this.#close();
      } finally {
        this.#remove();
      }
    });
  }

  #remove(): void {
    const { unfinished } = this.#place;
    if (unfinished !== undefined) rmSync(unfinished, { force: true });
  }

  #close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file);
  }
}

function opened(place: OutputPlace, mode: number): { place: OutputPlace; file: number } {
  const { replaced } = place;
  if (place.unfinished === undefined) return { place, file: openSync(place.target, 'w', mode) };
  let file: number;
  try {
    // What has this name may be left over from a killed run, or a link that somebody else made in a folder of many.
    rmSync(place.unfinished, { force: true });
    file = openSync(place.unfinished, 'wx', replaced === undefined ? mode : 0o600);
  } catch (error) {
    // The file itself may be written all the same.
    if (replaced === undefined || !CLOSED_FOLDER.has((error as NodeJS.ErrnoException).code))
      throw error;
    return opened({ ...place, unfinished: undefined }, mode);
  }
  if (replaced !== undefined) becomeLike(file, replaced);
  return { place, file };
}

function becomeLike(file: number, { uid, gid, mode }: Stats): void {
  try {
    fchownSync(file, uid, gid);
  } catch {
    // Only root may give a file away; anybody else keeps what is written.
  }
  fchmodSync(file, mode & 0o777);
}

/** What the system says of writing as a sentence for people. */
function told<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof AgentStraceError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') throw new ClosedPipe();
    throw new AgentStraceError('output_failed', `cannot write ${path}: ${whyUnwritable(error)}`, {
      cause: error,
    });
  }
}

/** Small pieces together, so that a session of many operations needs few writes. */
function* inChunks(pieces: Iterable<string>): Generator<string> {
  let held = '';
  for (const piece of pieces) {
    held += piece;
    if (held.length < CHUNK_CHARACTERS) continue;
    yield held;
    held = '';
  }
  if (held !== '') yield held;
}
