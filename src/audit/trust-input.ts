import { X509Certificate } from 'node:crypto';
import { AgentStraceError } from '../errors.ts';
import { type Checkpoint, parseCheckpoint } from '../integrity/checkpoint.ts';
import { parseNote } from '../integrity/signed-note.ts';

/** Reads a checkpoint that an auditor kept: a signed note or its bare text. @throws AgentStraceError */
export function readKnownCheckpoint(given: string): Checkpoint {
  // Mail may change the line endings.
  const text = given.replaceAll('\r\n', '\n');
  const checkpoint = parseCheckpoint(parseNote(text)?.text ?? text);
  if (checkpoint !== undefined) return checkpoint;
  throw new AgentStraceError(
    'unreadable_input',
    'it is not a checkpoint: it must have one line each for origin, size and root, then an empty line and signatures',
  );
}

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Reads the certificates of time-stamping authorities, PEM or DER. @throws AgentStraceError */
export function readTimeAuthorities(bytes: Buffer): Uint8Array[] {
  const found = bytes.toString('latin1').match(PEM) ?? [bytes];
  try {
    return found.map((certificate) => new X509Certificate(certificate).raw);
  } catch (error) {
    throw new AgentStraceError('unreadable_input', 'it is not a certificate in PEM or DER', {
      cause: error,
    });
  }
}
