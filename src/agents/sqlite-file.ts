const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/** True when a file that begins with these bytes is a database of SQLite. */
export function isSqlite(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}
