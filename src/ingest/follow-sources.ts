import { type Dirent, type FSWatcher, readdirSync, type Stats, watch } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from '../agents/agent.ts';
import { troubleSentence } from '../store/open-store.ts';
import { isWanted, oldestFirst, type Source, sourceAt } from './discover.ts';
import { existing, isSame, type Stamp, stampOf } from './file-stamp.ts';
import { type ImportContext, importSource } from './import-source.ts';
import { originalsBeside } from './originals.ts';
import type { SourceReport } from './report.ts';

const MAX_WATCHED_FOLDERS = 4000;
const MAX_DEPTH = 16;
const COALESCE_MILLIS = 15;
const POLL_MILLIS = 1000;
const RETRY_MILLIS = 1000;
/** All files are checked this often, in case file-system events are missed. */
const SAFETY_MILLIS = 30_000;
/** How often to look for missing places: an agent creates its folders when it first runs. */
const ABSENT_MILLIS = 2000;
const MOST_REPORTED = 1000;

interface Known extends Stamp {
  readonly source: Source | undefined;
}

/** A watcher never reports a folder that replaces the one it was opened on. */
interface WatchedFolder {
  readonly watcher: FSWatcher;
  readonly identity: string;
}

function identityOf(stat: Stats | undefined): string | undefined {
  return stat === undefined ? undefined : `${stat.ino}/${stat.birthtimeMs}`;
}

export interface FollowOptions {
  /** Files and folders of the agents, as `places` names them; they need not exist yet. */
  readonly places: readonly string[];
  readonly agents: readonly Agent[];
  /** Check the files every second instead of relying on file-system events. */
  readonly poll: boolean;
  /** Files last changed before this time (milliseconds since the epoch) are left to `import`. */
  readonly sinceMillis: number;
  /** Called after something has been stored. */
  readonly onImported: (reports: readonly SourceReport[]) => void;
  readonly onTrouble: (sentence: string) => void;
}

/** Keeps the store up to date with recordings as they are appended to, truncated, rotated, replaced or deleted. */
export class SourceFollower {
  readonly #context: ImportContext;
  readonly #options: FollowOptions;
  readonly #known = new Map<string, Known>();
  readonly #watchers = new Map<string, WatchedFolder>();
  readonly #dirty = new Set<string>();
  readonly #reported = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #interval: NodeJS.Timeout | undefined;
  #absentInterval: NodeJS.Timeout | undefined;
  /** Places that do not exist, or no longer do. */
  readonly #absent = new Set<string>();

  constructor(context: ImportContext, options: FollowOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Imports what is there and starts following. */
  start(): void {
    this.catchUp();
    const every = this.#options.poll ? POLL_MILLIS : SAFETY_MILLIS;
    this.#interval = setInterval(() => this.catchUp(), every);
    this.#absentInterval = setInterval(() => this.#lookForAbsent(), ABSENT_MILLIS);
  }

  /** Imports what is new now, without waiting for an event. */
  catchUp(): void {
    for (const place of this.#options.places) this.#lookAtPlace(place);
    this.#import();
  }

  close(): void {
    clearInterval(this.#interval);
    clearInterval(this.#absentInterval);
    clearTimeout(this.#timer);
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #lookAtPlace(place: string): void {
    const stat = existing(place);
    if (stat === undefined) {
      this.#absent.add(place);
      return;
    }
    this.#absent.delete(place);
    if (stat.isDirectory()) this.#lookAt(place, 0);
    else this.#noteFile(place);
  }

  #lookForAbsent(): void {
    const found = [...this.#absent].filter((place) => existing(place) !== undefined);
    for (const place of found) this.#lookAtPlace(place);
    if (found.length > 0) this.#import();
  }

  #lookAt(folder: string, depth: number): void {
    if (depth > MAX_DEPTH) return;
    this.#watchFolder(folder);
    let entries: Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) this.#lookAt(path, depth + 1);
      else if (entry.isFile() && this.#wanted(path)) this.#noteFile(path);
    }
  }

  #wanted(path: string): boolean {
    return isWanted(path, this.#options.agents);
  }

  #noteFile(path: string): void {
    const stamp = stampOf(path);
    const known = this.#known.get(path);
    if (stamp === undefined) {
      this.#known.delete(path);
      return;
    }
    if (known === undefined && stamp.mtimeMs < this.#options.sinceMillis) return;
    if (known !== undefined && isSame(known, stamp)) return;
    this.#dirty.add(path);
  }

  #watchFolder(folder: string): void {
    if (this.#options.poll) return;
    const identity = identityOf(existing(folder));
    const known = this.#watchers.get(folder);
    if (identity === undefined || known?.identity === identity) return;
    this.#unwatch(folder);
    if (this.#watchers.size >= MAX_WATCHED_FOLDERS) return;
    try {
      const watcher = watch(folder, { persistent: true }, (_type, name) =>
        this.#changed(folder, name),
      );
      watcher.on('error', () => this.#unwatch(folder));
      this.#watchers.set(folder, { watcher, identity });
    } catch (error) {
      this.#options.onTrouble(
        `${folder} cannot be watched (${(error as NodeJS.ErrnoException).code}); checking it every ${SAFETY_MILLIS / 1000} s instead (--poll: every second)`,
      );
    }
  }

  #unwatch(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
  }

  #changed(folder: string, name: string | null): void {
    const identity = identityOf(existing(folder));
    if (identity === undefined) {
      this.#unwatch(folder);
      if (this.#options.places.includes(folder)) this.#absent.add(folder);
    } else if (name === null || identity !== this.#watchers.get(folder)?.identity)
      this.#lookAt(folder, 0);
    else {
      const path = join(folder, name);
      if (existing(path)?.isDirectory() === true) this.#lookAt(path, 0);
      else if (this.#wanted(path)) this.#noteFile(path);
      else this.#noteDatabaseOf(path);
    }
    if (this.#dirty.size > 0) this.#timer ??= setTimeout(() => this.#import(), COALESCE_MILLIS);
  }

  #noteDatabaseOf(path: string): void {
    if (!path.endsWith('-wal')) return;
    const database = path.slice(0, -'-wal'.length);
    if (this.#wanted(database) && existing(database) !== undefined) this.#dirty.add(database);
  }

  #import(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#dirty.size === 0) return;
    const changed = [...this.#dirty].flatMap((path) => this.#sourceOf(path) ?? []);
    this.#dirty.clear();
    const reports: SourceReport[] = [];
    for (const source of oldestFirst([...changed, ...this.#leftOriginals(changed)])) {
      const report = this.#tryImport(source);
      if (report === undefined) continue;
      reports.push(report);
      this.#tell(source.path, troubleIn(report));
      for (const shape of Object.keys(report.unknownShapes))
        this.#tell(
          report.agent,
          `${shape} is not understood and was kept raw; see "agent-strace doctor"`,
        );
    }
    if (reports.some((report) => report.eventsAdded > 0)) this.#options.onImported(reports);
  }

  /** Reports a problem once, not for every new line. */
  #tell(where: string, what: string | undefined): void {
    const sentence = `${where}: ${what}`;
    if (what === undefined || this.#reported.has(sentence) || this.#reported.size >= MOST_REPORTED)
      return;
    this.#reported.add(sentence);
    this.#options.onTrouble(sentence);
  }

  /** A store that cannot be written now (busy, full) must not end the watching; the file is imported later. */
  #tryImport(source: Source): SourceReport | undefined {
    try {
      return importSource(this.#context, source);
    } catch (error) {
      const trouble = troubleSentence(error, this.#context.store.path, 'trying again');
      this.#tell(source.path, `could not be stored: ${trouble}`);
      this.#known.delete(source.path);
      this.#dirty.add(source.path);
      this.#timer ??= setTimeout(() => this.#import(), RETRY_MILLIS);
      return undefined;
    }
  }

  /** Originals skipped for their age are imported all the same, so that a copy cannot take their place. */
  #leftOriginals(changed: readonly Source[]): Source[] {
    const { agents, sinceMillis } = this.#options;
    const isLeft = (path: string) => !this.#known.has(path) && this.#wanted(path);
    const begunBefore = sinceMillis * 1000;
    const found = originalsBeside(this.#context.store, changed, agents, begunBefore, isLeft);
    for (const { path } of found) this.#sourceOf(path);
    return found;
  }

  /** The recording in a file. While unknown it is examined again, because a new file may still be empty. */
  #sourceOf(path: string): Source | undefined {
    const stamp = stampOf(path);
    if (stamp === undefined) return undefined;
    const known = this.#known.get(path);
    const shrunk = known !== undefined && stamp.size < known.size;
    let source = shrunk ? undefined : known?.source;
    source ??= sourceAt(path, this.#options.agents);
    this.#known.set(path, { ...stamp, source });
    return source;
  }
}

function troubleIn({ error, brokenLines, warnings }: SourceReport): string | undefined {
  const [broken] = brokenLines;
  if (error === undefined && broken !== undefined)
    return `line ${broken.line} was skipped: ${broken.reason}`;
  return error ?? warnings[0];
}
