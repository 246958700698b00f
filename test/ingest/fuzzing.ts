import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { AGENTS } from '../../src/agents/registry.ts';
import { discover } from '../../src/ingest/discover.ts';
import { importSource } from '../../src/ingest/import-source.ts';
import type { SourceReport } from '../../src/ingest/report.ts';
import type { Store } from '../../src/store/open-store.ts';
import { createEventWriter } from '../../src/store/write-events.ts';
import { mutants, wrongTypes } from '../agents/mutations.ts';
import { seeded } from '../support/seeded.ts';
import { allSeeds, type Seed } from './seeds.ts';

type Next = () => number;

/** Rows with values of other types, and tables that lost a column: what only a database can suffer. */
function damagedRows(bytes: Buffer, next: Next): Buffer {
  const database = new Sqlite(bytes);
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all() as string[];
  const table = tables[Math.floor(next() * tables.length)]!;
  const columns = (database.pragma(`table_info(${table})`) as { name: string }[]).map(
    ({ name }) => name,
  );
  const column = columns[Math.floor(next() * columns.length)]!;
  try {
    if (next() < 0.1) database.exec(`ALTER TABLE ${table} RENAME COLUMN ${column} TO gone`);
    else {
      const rows = database
        .prepare(`SELECT rowid AS id, ${column} AS value FROM ${table}`)
        .all() as { id: number; value: unknown }[];
      const row = rows[Math.floor(next() * rows.length)]!;
      database
        .prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`)
        .run(damagedValue(row.value, next), row.id);
    }
  } catch {
    // A key that must stay unique or a column that must stay: the file is as it was.
  }
  const damaged = database.serialize();
  database.close();
  return damaged;
}

function damagedValue(value: unknown, next: Next): string | number | Buffer | null {
  if (typeof value === 'string' && value.startsWith('{') && next() < 0.7)
    return JSON.stringify(wrongTypes(JSON.parse(value), next)) ?? null;
  const others = [null, '', -1, 1e300, 'x', '{', Buffer.from([255, 0, 1]), Number.MAX_SAFE_INTEGER];
  return others[Math.floor(next() * others.length)]!;
}

function damagedBytes(bytes: Buffer, next: Next): Buffer {
  if (next() < 0.3) return bytes.subarray(0, Math.floor(next() * bytes.length));
  const changed = Buffer.from(bytes);
  for (let times = 1 + Math.floor(next() * 8); times > 0; times--) {
    const at = Math.floor(next() * changed.length);
    changed[at] = changed[at]! ^ (1 << Math.floor(next() * 8));
  }
  return changed;
}

function damaged(seed: Seed, next: Next): Buffer {
  if (seed.container === 'database')
    return next() < 0.5 ? damagedRows(seed.bytes, next) : damagedBytes(seed.bytes, next);
  if (seed.path.endsWith('.zst')) return damagedBytes(seed.bytes, next);
  const [mutant] = mutants(seed.bytes.toString('utf8'), 1, Math.floor(next() * 2 ** 32));
  return mutant!;
}

const BATCH = 25;

/** A healthy session that lies among the damaged ones. */
function witness(id: string): string {
  const line = (uuid: string, type: string, second: number, message: object) =>
    JSON.stringify({
      type,
      uuid,
      sessionId: id,
      isSidechain: false,
      timestamp: `2026-09-01T08:00:0${second}Z`,
      message,
    });
  return `${line(`${id}-1`, 'user', 1, { role: 'user', content: 'Are you there?' })}\n${line(`${id}-2`, 'assistant', 2, { id: `${id}-m`, role: 'assistant', model: 'm', content: [{ type: 'text', text: 'Yes.' }], usage: { input_tokens: 3, output_tokens: 1 } })}\n`;
}

export interface FuzzResult {
  files: number;
  /** Files that some agent still recognised. */
  recognised: number;
  failed: number;
  readonly sums: Record<'records' | 'parsed' | 'ignored' | 'unknown' | 'broken', number>;
  readonly perAgent: Map<string, number>;
  /** What broke a promise, and how to make the file again. */
  readonly complaints: string[];
}

/** What is wrong with a report, told by somebody who counts lines without our code. */
function complaintAbout(
  report: SourceReport,
  bytes: Buffer,
  container: string,
): string | undefined {
  const { records, parsed, ignored, unknown, broken, pending, status } = report;
  if (parsed + ignored + unknown + broken !== records)
    return `${records} records are not ${parsed} + ${ignored} + ${unknown} + ${broken}`;
  if (container !== 'lines' || status === 'failed') return undefined;
  const lines = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter((line) => line.replace(/^\uFEFF/, '').trim() !== '');
  const whole = lines.filter(isJson).length;
  const least = lines.length - (pending ? 1 : 0);
  if (records < least) return `${records} records of ${least} lines`;
  if (whole === lines.length && (records !== lines.length || broken > 0))
    return `${records} records, ${broken} broken, of ${lines.length} whole lines`;
  const glued = lines.reduce((sum, line) => sum + line.split('}').length, 0);
  return records > lines.length + glued
    ? `${records} records of at most ${glued} objects`
    : undefined;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line.replace(/^\uFEFF/, ''));
    return true;
  } catch {
    return false;
  }
}

/** Damages recordings of every agent, a seed a file, and imports them in folders of 25 with a healthy one among them. */
export function fuzz(
  store: Store,
  folder: string,
  from: number,
  to: number,
  onBatch?: (result: FuzzResult) => void,
): FuzzResult {
  const seeds = allSeeds();
  const writer = createEventWriter(store);
  const result: FuzzResult = {
    files: 0,
    recognised: 0,
    failed: 0,
    sums: { records: 0, parsed: 0, ignored: 0, unknown: 0, broken: 0 },
    perAgent: new Map(),
    complaints: [],
  };
  for (let first = from; first < to; first += BATCH) {
    const made = new Map<string, { seed: Seed; number: number; bytes: Buffer }>();
    for (let number = first; number < Math.min(to, first + BATCH); number++) {
      const next = seeded(number);
      const seed = seeds[number % seeds.length]!;
      const path = join(folder, String(number), seed.path);
      const bytes = damaged(seed, next);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
      made.set(path, { seed, number, bytes });
      result.files++;
    }
    const id = `witness-${first}`;
    const witnessPath = join(folder, 'witness', `${id}.jsonl`);
    mkdirSync(dirname(witnessPath), { recursive: true });
    writeFileSync(witnessPath, witness(id));
    for (const source of discover([folder], AGENTS).sources) {
      const report = importSource({ store, writer }, source);
      if (source.path === witnessPath) {
        if (report.conversationFacts < 2 || report.eventsAdded === 0 || report.broken > 0)
          result.complaints.push(`${id} was not imported: ${JSON.stringify(report)}`);
        continue;
      }
      const { seed, number, bytes } = made.get(source.path)!;
      result.recognised++;
      result.perAgent.set(seed.agent, (result.perAgent.get(seed.agent) ?? 0) + 1);
      if (report.status === 'failed') result.failed++;
      for (const name of Object.keys(result.sums) as (keyof typeof result.sums)[])
        result.sums[name] += report[name];
      const container =
        source.detection.compression === undefined ? source.detection.container : 'compressed';
      const complaint = complaintAbout(report, bytes, container);
      if (complaint !== undefined) result.complaints.push(`${number} (${seed.path}): ${complaint}`);
    }
    rmSync(folder, { recursive: true, force: true });
    onBatch?.(result);
  }
  return result;
}
