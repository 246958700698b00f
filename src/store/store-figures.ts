import { statSync } from 'node:fs';
import { MerkleTree } from '../integrity/merkle-tree.ts';
import { auditRows } from './audit-rows.ts';
import type { Store } from './open-store.ts';
import { SCHEMA_VERSION } from './schema.ts';

/** Contents of a store. Sizes are in bytes, times in microseconds. */
export interface StoreFigures {
  readonly path: string;
  readonly storeId: string;
  readonly schema: number;
  readonly bytes: number;
  readonly logBytes: number;
  /** Free space inside the file, which a vacuum gives back. */
  readonly freeBytes: number;
  readonly traces: number;
  readonly sessions: number;
  readonly events: number;
  readonly contents: number;
  readonly contentBytes: number;
  readonly erasedContents: number;
  readonly pruned: number;
  readonly held: number;
  readonly firstMicros: number | null;
  readonly lastMicros: number | null;
  readonly ledgerSize: number;
  /** Root of the ledger's Merkle tree, 64 hex digits. */
  readonly ledgerRoot: string;
}

export function storeFigures(store: Store): StoreFigures {
  const { database, path, storeId } = store;
  const count = (sql: string) =>
    database.prepare<[], number | null>(sql).pluck().get() as number | null;
  const pragma = (name: string) => database.pragma(name, { simple: true }) as number;
  const tree = new MerkleTree();
  for (const leaf of auditRows(store).leaves()) tree.append(leaf);
  return {
    path,
    storeId,
    schema: SCHEMA_VERSION,
    bytes: statSync(path).size,
    logBytes: statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    freeBytes: pragma('freelist_count') * pragma('page_size'),
    traces: count('SELECT count(*) FROM sessions WHERE root = id AND last_us IS NOT NULL') ?? 0,
    sessions: count("SELECT count(*) FROM sessions WHERE chain <> ''") ?? 0,
    events: count('SELECT count(*) FROM events') ?? 0,
    contents: count('SELECT count(*) FROM contents WHERE bytes IS NOT NULL') ?? 0,
    contentBytes: count('SELECT sum(size) FROM contents WHERE bytes IS NOT NULL') ?? 0,
    erasedContents: count('SELECT count(*) FROM contents WHERE bytes IS NULL') ?? 0,
    pruned: count('SELECT count(DISTINCT root_id) FROM tombstones') ?? 0,
    held: count('SELECT count(*) FROM holds') ?? 0,
    firstMicros: count('SELECT min(first_us) FROM sessions'),
    lastMicros: count('SELECT max(last_us) FROM sessions'),
    ledgerSize: tree.size,
    ledgerRoot: tree.root().toString('hex'),
  };
}
