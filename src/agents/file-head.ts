import type { FileSample } from './agent.ts';

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/** The beginning of a file as text, without a byte order mark. */
export function headText({ head }: FileSample): string {
  return head.toString('utf8').replace(/^\uFEFF/, '');
}

/** Whether a file that begins with these bytes is an SQLite database. */
export function isSqlite(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}
