const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/** Whether a file that begins with these bytes is an SQLite database. */
export function isSqlite(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}
