import type { EventDraft } from '../session/event.ts';
import type { AgentHooks } from './agent-hooks.ts';
import type { AgentRetention } from './agent-retention.ts';
import type { AgentSetup } from './agent-setup.ts';
import type { Places } from './places.ts';

/** The beginning of a file (at most 256 KiB, cut at any byte) and its name: enough to recognise it. */
export interface FileSample {
  readonly path: string;
  readonly size: number;
  readonly head: Buffer;
  /** When the file was last written, microseconds; for recordings that have no times of their own. */
  readonly changedMicros?: number | undefined;
}

/** How the file has to be read: line by line, as one JSON document, or as an SQLite database. */
export type Container = 'lines' | 'document' | 'database';

export interface Detection {
  readonly container: Container;
  /** The file is compressed; ingest decompresses it before it splits lines. */
  readonly compression?: 'zstd' | undefined;
  /** Name of the format generation, for the report and for `doctor`. */
  readonly dialect: string;
  /** Native session id where the sample shows it. */
  readonly session?: string | undefined;
  /** Other ids that its records carry: one goes on with what another one tells. */
  readonly sameSession?: readonly string[] | undefined;
  /** The file holds a subagent of `session`, not a session of its own. */
  readonly subagent?: boolean | undefined;
  /** The file says of its first lines that they were copied from another session. */
  readonly fork?: boolean | undefined;
  /** Time of the oldest record in the sample, microseconds; files are read in this order. */
  readonly oldestMicros?: number | undefined;
  /** The agent's own version where recorded. */
  readonly version?: string | undefined;
  /** Recognised, but in a form that is documented nowhere: why nothing of it is read. */
  readonly undocumented?: string | undefined;
}

/** What became of one record of a source. `ignored` is known and left out on purpose; `unknown` is kept raw. */
export type Verdict = 'parsed' | 'ignored' | 'unknown';

export interface ReadResult {
  readonly verdict: Verdict;
  readonly events: readonly EventDraft[];
  /** Short name of an unknown shape (`type=…`), never content; for the report. */
  readonly shape?: string | undefined;
}

/** Reads text files beside a source (a subagent's `.meta.json`); undefined when absent or over `most` bytes (1 MiB). */
export interface Sidecars {
  read(path: string, most?: number): string | undefined;
  /** Names inside a folder, sorted, at most 10,000; empty when there is no such folder. */
  list?(folder: string): readonly string[];
  /**
   * What `take` makes of the lines of a file of any size, in file order, at least the newest 10,000; empty when there is no
   * such file. Remembered by path and `take`, which has to be one lasting function: of a file that grew only the rest is read.
   */
  gather?<T>(path: string, take: (line: string) => readonly T[]): readonly T[];
}

export interface SourceContext {
  readonly path: string;
  readonly detection: Detection;
  readonly sidecars: Sidecars;
  /** What `state()` returned when this file was last read to its end; undefined on a first reading. */
  readonly state: string | undefined;
  /** Names a text, 16 hex digits under a key of the store: what an id says of a text must not confirm a guess of it. */
  readonly nameOf: (text: string) => string;
}

/**
 * Turns the records of one file into facts, in file order. Holds only what is needed to go on:
 * memory does not grow with the file. Never throws on any JSON value.
 */
export interface RecordReader {
  /** `value` is one parsed JSON object, `text` the exact bytes it came from, `line` counts from 1. */
  read(value: unknown, text: string, line: number): ReadResult;
  /** Facts that only the end of what is there so far can give; called once after the last record. */
  finish(): readonly EventDraft[];
  /** JSON text from which a later reading goes on after the records read so far. */
  state(): string;
}

/** A foreign SQLite database, opened read-only by ingest. Rows are plain objects. */
export interface ForeignDatabase {
  tables(): readonly string[];
  columns(table: string): readonly string[];
  /** Streams rows; never holds them all. */
  rows(
    sql: string,
    ...parameters: readonly (string | number | null)[]
  ): Iterable<Record<string, unknown>>;
}

/** What a document or a database gave: facts in recorded order, and the counts of its records. */
export interface WholeSource {
  readonly results: Iterable<ReadResult>;
  /** JSON text that lets the next reading skip what it has seen. */
  state(): string;
}

/** A supported tool whose recordings can be read. One folder and one registry line each. */
export interface Agent {
  /** Name for `--agent`, folder name and docs page: `claude`, `codex`, … */
  readonly name: string;
  /** Lasting product id, as it goes into `gen_ai.agent.id`: `claude-code`, … */
  readonly product: string;
  readonly summary: string;
  /** Folders and files to look at when `import` is given no path, most usual first. */
  places(places: Places): readonly string[];
  /** By name only, before a file is opened: could it be a recording of this agent? Never true for credential files. */
  wants(path: string): boolean;
  /** By content. Null when the file is somebody else's. */
  detect(sample: FileSample): Detection | null;
  /** For container `lines`. */
  openLines?(context: SourceContext): RecordReader;
  /** For container `document`: the whole parsed JSON value. */
  readDocument?(value: unknown, context: SourceContext): WholeSource;
  /** For container `database`. Throws with a plain sentence when the schema is not understood. */
  readDatabase?(database: ForeignDatabase, context: SourceContext): WholeSource;
  /** What its hooks tell while it runs. */
  readonly hooks?: AgentHooks;
  /** How it is told to call our hook. */
  readonly setup?: AgentSetup;
  /** How long it keeps its own recordings; absent where nobody knows. */
  readonly retention?: AgentRetention;
}
