import { existsSync } from 'node:fs';
import { readKnownCheckpoint, readTimeAuthorities } from '../../audit/trust-input.ts';
import { LEVELS, type Level, type Trust } from '../../audit/verify-result.ts';
import { AgentStraceError, whyUnreadable } from '../../errors.ts';
import { parseVerifierKey } from '../../integrity/signing-key.ts';
import { readNamedFile } from '../../named-file.ts';
import type { OptionValues } from '../options.ts';

/** What the auditor brings: key, known checkpoint, time authorities, required level. Throws if one cannot be read. */
export function trustOf(options: OptionValues): Trust {
  const { key, knownCheckpoint, timeAuthority, requireLevel } = options;
  const authorities = (timeAuthority as readonly string[] | undefined)?.flatMap((path) =>
    readTimeAuthorities(bytesOf('--time-authority', path)),
  );
  return {
    key: typeof key === 'string' ? parseVerifierKey(keyText(key)) : undefined,
    knownCheckpoint:
      typeof knownCheckpoint === 'string'
        ? readKnownCheckpoint(bytesOf('--known-checkpoint', knownCheckpoint).toString('utf8'))
        : undefined,
    timeAuthorities: authorities,
    requireLevel: LEVELS.find((level): level is Level => level === requireLevel),
    allowEmpty: options['allowEmpty'] === true,
  };
}

/** A verifier key is a single line; if a file has that name, it is the file's first line. */
function keyText(given: string): string {
  if (!existsSync(given)) return given;
  const text = bytesOf('--key', given).toString('utf8');
  if (text.includes('PRIVATE KEY')) {
    throw new AgentStraceError(
      'usage',
      `--key ${given} is a private key; "agent-strace keys show" prints the verifier key`,
    );
  }
  return text.split('\n')[0] ?? '';
}

function bytesOf(flag: string, path: string): Buffer {
  try {
    return readNamedFile(path);
  } catch (error) {
    throw new AgentStraceError('unreadable_input', `${flag} ${path}: ${whyUnreadable(error)}`, {
      cause: error,
    });
  }
}
