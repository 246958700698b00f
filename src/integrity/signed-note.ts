import { type SigningKey, signText, type VerifierKey, verifyBytes } from './signing-key.ts';
import { strictBase64 } from './strict-base64.ts';

const SIGNATURE_LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
const LONGEST_NOTE = 1_000_000;
const MOST_SIGNATURES = 100;

/** A signed note (C2SP signed-note): a text that ends in a newline, with its signatures. */
export interface SignedNote {
  readonly text: string;
  readonly signatures: readonly {
    readonly name: string;
    readonly id: string;
    readonly bytes: Buffer;
  }[];
}

/** Signs a text, which must end in a newline and contain no other control characters. */
export function signNote(text: string, keys: readonly SigningKey[]): string {
  const lines = keys.map((key) => {
    const bytes = Buffer.concat([Buffer.from(key.id, 'hex'), signText(key, text)]);
    return `\u2014 ${key.name} ${bytes.toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/** Parses a note without checking any signature; undefined when it is not a note. */
export function parseNote(note: string): SignedNote | undefined {
  if (note.length > LONGEST_NOTE || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return undefined;
  const split = note.lastIndexOf('\n\n');
  if (split === -1 || !note.endsWith('\n')) return undefined;
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) return undefined;
  const signatures: { name: string; id: string; bytes: Buffer }[] = [];
  for (const line of lines) {
    const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
    if (name === undefined || encoded === undefined) return undefined;
    const bytes = strictBase64(encoded);
    if (bytes === undefined || bytes.length < 5) return undefined;
    signatures.push({ name, id: bytes.subarray(0, 4).toString('hex'), bytes: bytes.subarray(4) });
  }
  return { text: note.slice(0, split + 1), signatures };
}

/**
 * `other`: no signature is by this key. `bad`: a signature claims to be by it but does not verify, which voids the
 * note.
 */
export type NoteCheck = 'signed' | 'bad' | 'other';

/** Checks whether the key signed the note. Signatures by unknown keys are ignored. */
export function checkNote(note: SignedNote, key: VerifierKey): NoteCheck {
  const own = note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
  if (own.length === 0) return 'other';
  const message = Buffer.from(note.text);
  return own.every(({ bytes }) => verifyBytes(key.publicKey, message, bytes)) ? 'signed' : 'bad';
}
