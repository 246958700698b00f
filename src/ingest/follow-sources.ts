import { type FSWatcher, readdirSync, type Stats, watch } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from '../agents/agent.ts';
import { explainStoreFailure } from '../store/open-store.ts';
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
/** Without file-system events for some reason, everything is looked at this often. */
const SAFETY_MILLIS = 30_000;
/** Agents make their folders when they run for the first time. */
const ABSENT_MILLIS = 2000;
const MOST_TOLD = 1000;

interface Known extends Stamp {
  readonly source: Source | undefined;
}

/** What watches a folder that is gone never hears of another one in its place. */
interface WatchedFolder {
  readonly watcher: FSWatcher;
  readonly identity: string;
}

function identityOf(stat: Stats | undefined): string | undefined {
  return stat === undefined ? undefined : `${stat.ino}/${stat.birthtimeMs}`;
}

export interface FollowOptions {
  /** Folders and files of the agents, as `places` names them; they need not be there yet. */
  readonly places: readonly string[];
  readonly agents: readonly Agent[];
  /** Look at the files every second instead of relying on file-system events. */
  readonly poll: boolean;
  /** Files not changed since this time (milliseconds since the epoch) are left to `import`. */
  readonly sinceMillis: number;
  /** Called after something was stored. */
  readonly onImported: (reports: readonly SourceReport[]) => void;
  readonly onTrouble: (sentence: string) => void;
}

/** Keeps the store up with recordings that grow: append, truncate, rotate, replace, delete. */
export class SourceFollower {
  readonly #context: ImportContext;
  readonly #options: FollowOptions;
  readonly #known = new Map<string, Known>();
  readonly #watchers = new Map<string, WatchedFolder>();
  readonly #dirty = new Set<string>();
  readonly #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #interval: NodeJS.Timeout | undefined;
  #absentInterval: NodeJS.Timeout | undefined;
  /** Places that are not there, or no longer. */
  readonly #absent = new Set<string>();

  constructor(context: ImportContext, options: FollowOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Takes in what is there and begins to follow. */
  start(): void {
    this.#lookAtAll();
    this.#import();
    const every = this.#options.poll ? POLL_MILLIS : SAFETY_MILLIS;
    this.#interval = setInterval(() => {
      this.#lookAtAll();
      this.#import();
    }, every);
    this.#absentInterval = setInterval(() => this.#lookForAbsent(), ABSENT_MILLIS);
  }

  /** Takes in what is new now, without waiting for an event. */
  catchUp(): void {
    this.#lookAtAll();
    this.#import();
  }

  close(): void {
    clearInterval(this.#interval);
    clearInterval(this.#absentInterval);
    clearTimeout(this.#timer);
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #lookAtAll(): void {
    for (const place of this.#options.places) this.#lookAtPlace(place);
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
    let entries: { name: string; isDirectory(): boolean; isFile(): boolean }[];
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
        `${folder} cannot be watched (${(error as NodeJS.ErrnoException).code}); it is looked at every ${SAFETY_MILLIS / 1000} s (--poll: every second)`,
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
        this.#tell(report.agent, `${shape} is not understood, and kept; see "agent-strace doctor"`);
    }
    if (reports.some((report) => report.eventsAdded > 0)) this.#options.onImported(reports);
  }

  /** Says what is wrong once, not at every line that comes. */
  #tell(where: string, what: string | undefined): void {
    const sentence = `${where}: ${what}`;
    if (what === undefined || this.#told.has(sentence) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(sentence);
    this.#options.onTrouble(sentence);
  }

  /** A store that cannot be written now (busy, full) must not end the watching: the file is taken in later. */
  #tryImport(source: Source): SourceReport | undefined {
    try {
      return importSource(this.#context, source);
    } catch (error) {
      const { message } = explainStoreFailure(error, this.#context.store.path);
      this.#tell(source.path, `could not be stored: ${message}; it is tried again`);
      this.#known.delete(source.path);
      this.#dirty.add(source.path);
      this.#timer ??= setTimeout(() => this.#import(), RETRY_MILLIS);
      return undefined;
    }
  }

  /** What was left for its age goes in all the same, before a copy of it would take its place. */
  #leftOriginals(changed: readonly Source[]): Source[] {
    const { agents, sinceMillis } = this.#options;
    const isLeft = (path: string) => !this.#known.has(path) && this.#wanted(path);
    const begunBefore = sinceMillis * 1000;
    const found = originalsBeside(this.#context.store, changed, agents, begunBefore, isLeft);
    for (const { path } of found) this.#sourceOf(path);
    return found;
  }

  /** What the file is; looked at again while it is unknown, because a new file may still be empty. */
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
    return `line ${broken.line} is left out: ${broken.reason}`;
  return error ?? warnings[0];
}
