import { strictBase64 } from './strict-base64.ts';

/** State of a named ledger: a Merkle tree of `size` leaves. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 64 hex digits. */
  readonly root: string;
}

/** Text of a checkpoint (C2SP tlog-checkpoint): origin, size and base64 root, one line each. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const root = Buffer.from(checkpoint.root, 'hex').toString('base64');
  return `${checkpoint.origin}\n${checkpoint.size}\n${root}\n`;
}

/**
 * Reads the text of a checkpoint; undefined when it is not one. Extension lines are allowed and
 * ignored.
 */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', size = '', encoded = ''] = text.split('\n');
  const root = strictBase64(encoded);
  if (origin === '' || !/^(?:0|[1-9][0-9]{0,15})$/.test(size)) return undefined;
  if (root?.length !== 32) return undefined;
  if (!Number.isSafeInteger(Number(size))) return undefined;
  return { origin, size: Number(size), root: root.toString('hex') };
}
