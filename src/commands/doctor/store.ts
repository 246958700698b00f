import { readFileSync } from 'node:fs';
import { AgentStraceError, messageOf } from '../../errors.ts';
import { troubleLog } from '../../recorder/trouble-log.ts';
import { storePath } from '../../store/location.ts';
import { explainStoreFailure } from '../../store/open-store.ts';
import {
  type StoreFiles,
  type StoreHealth,
  storeFiles,
  storeHealth,
} from '../../store/store-health.ts';
import { formatBytes } from '../../view/format.ts';
import { shortPath } from '../output/short-path.ts';
import { ago, bad, type Chapter, count, type Finding, isoOf, note, ok, warn } from './finding.ts';
import { anonymousPath } from './places.ts';

const LITTLE_SPACE = 512 * 1024 * 1024;
const LARGE_LOG = 256 * 1024 * 1024;
/** Running sessions are a little ahead of the last import. */
const BEHIND_MICROS = 3_600_000_000;

export interface StoreQuestion {
  readonly path: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly nowMicros: number;
  /** Newest record in the recordings that were examined, in microseconds. */
  readonly newestRecord: number | undefined;
}

/** Whether the store exists and is intact, writable and up to date; its redaction key if it could be opened. */
export function storeChapter(question: StoreQuestion): {
  chapter: Chapter;
  redactionKey: Buffer | undefined;
} {
  const { path, home, env } = question;
  const usual = storePath(undefined, { ...env, AGENT_STRACE_DB: undefined });
  const files = storeFiles(path);
  const health = openHealth(path, files);
  const troubles = troublesOf(path);
  const findings = [
    ...stateFindings(question, files, health),
    ...fileFindings(question, files),
    ...troubleFindings(question, troubles),
  ];
  const opened = 'health' in health ? health.health : undefined;
  const figures = {
    place: path === usual ? anonymousPath(path, home, env) : 'elsewhere',
    ...files,
    mode: files.mode?.toString(8) ?? null,
    folderMode: files.folderMode?.toString(8) ?? null,
    freeBytes: files.freeBytes ?? null,
    problem: 'code' in health ? health.code : null,
    schema: opened?.schema ?? null,
    sessions: opened?.sessions ?? null,
    check: opened?.check ?? null,
    newestEvent: isoOf(opened?.newestMicros) ?? null,
    hookTroubles: troubles.count,
  };
  return { chapter: { title: 'store', findings, figures }, redactionKey: opened?.redactionKey };
}

type Opened =
  | { readonly health: StoreHealth }
  | { readonly code: string; readonly sentence: string }
  | { readonly absent: true };

function openHealth(path: string, files: StoreFiles): Opened {
  if (!files.exists) return { absent: true };
  try {
    return { health: storeHealth(path) };
  } catch (error) {
    const told = explainStoreFailure(error, path);
    return {
      code: told instanceof AgentStraceError ? told.code : 'unknown',
      sentence: messageOf(told),
    };
  }
}

function* stateFindings(
  question: StoreQuestion,
  files: StoreFiles,
  opened: Opened,
): Generator<Finding> {
  const { path, home, nowMicros, newestRecord } = question;
  const shown = shortPath(path, home);
  if ('absent' in opened) {
    yield warn(`there is no store at ${shown} yet; "agent-strace import" creates it`);
    return;
  }
  if ('sentence' in opened) {
    yield bad(opened.sentence);
    return;
  }
  const { sessions, newestMicros, schema, check } = opened.health;
  yield ok(
    `${shown}: ${count(sessions, 'session')}, ${formatBytes(files.bytes)}, schema ${schema}`,
  );
  if (check === 'ok') yield ok('it is whole (quick_check)');
  if (check === 'skipped')
    yield note('too large to check here; "agent-strace verify" checks its sessions');
  if (check === 'damaged')
    yield bad(
      'it is damaged; restore a backup ("agent-strace store backup" makes one) or import into a new one',
    );
  const newest = isoOf(newestMicros);
  if (newest === undefined) yield warn('it has no event yet; run "agent-strace import"');
  else yield ok(`newest event ${newest} (${ago(newestMicros!, nowMicros)})`);
  if (newestRecord !== undefined && newestRecord > (newestMicros ?? 0) + BEHIND_MICROS)
    yield warn(
      'recordings are newer than the store; run "agent-strace import", or leave "agent-strace watch" running',
    );
}

function* fileFindings({ path, home }: StoreQuestion, files: StoreFiles): Generator<Finding> {
  const { mode, folderMode, freeBytes, logBytes, waiting, unreadable } = files;
  const shown = shortPath(path, home);
  if (files.exists && mode !== undefined) {
    if ((mode & 0o077) !== 0)
      yield warn(
        `others on this machine can read it (mode ${mode.toString(8)}): chmod 600 ${shown}`,
      );
    else if ((mode & 0o600) !== 0o600)
      yield bad(`you cannot write it (mode ${mode.toString(8)}): chmod 600 ${shown}`);
    else
      yield ok(
        `only you can read it (mode ${mode.toString(8)}, folder ${folderMode?.toString(8)})`,
      );
  }
  if (logBytes > LARGE_LOG)
    yield warn(
      `its log has ${formatBytes(logBytes)}: another program keeps the store open; end it, then run any command`,
    );
  if (freeBytes !== undefined && freeBytes < LITTLE_SPACE)
    yield warn(
      `only ${formatBytes(freeBytes)} free on its disk; recording stops when none is left`,
    );
  if (waiting > 0)
    yield note(
      `${count(waiting, 'file')} of hooks waiting to be stored; the next import or watch stores them`,
    );
  if (unreadable > 0)
    yield warn(`${count(unreadable, 'file')} of hooks could not be read, in ${shown}-spool`);
}

interface Troubles {
  readonly count: number;
  /** The last line: when, and what; never content. */
  readonly last: string | undefined;
}

function troublesOf(path: string): Troubles {
  try {
    const lines = readFileSync(troubleLog(path), 'utf8').trimEnd().split('\n');
    // If the disk was full, the file was created but nothing could be written.
    const last = lines.at(-1) || 'it could not be logged; was the disk full?';
    return { count: lines.length, last: last.slice(0, 300) };
  } catch {
    return { count: 0, last: undefined };
  }
}

function* troubleFindings(
  { path, home }: StoreQuestion,
  { count: times, last }: Troubles,
): Generator<Finding> {
  if (last === undefined) return;
  yield warn(
    `hooks had ${count(times, 'problem')} (${shortPath(troubleLog(path), home)}), the last: ${last}`,
  );
}
