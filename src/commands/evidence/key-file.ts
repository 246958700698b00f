import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { AgentStraceError, whyUnreadable, whyUnwritable } from '../../errors.ts';
import { formatSigningKey, parseSigningKey, type SigningKey } from '../../integrity/signing-key.ts';
import { readNamedFile } from '../../named-file.ts';
import { makePrivateFolder } from '../../store/private-folder.ts';
import type { CommandContext } from '../command.ts';

/** Where the signing key lies: `--key-file`, else `AGENT_STRACE_KEY_FILE`, else the folder for configuration. */
export function keyPath({ options, env }: CommandContext): string {
  const named = options['keyFile'] ?? env['AGENT_STRACE_KEY_FILE'];
  if (typeof named === 'string' && named !== '') return resolve(named);
  return join(configFolder(env), 'agent-strace', 'signing-key');
}

function configFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming');
  const named = env['XDG_CONFIG_HOME'];
  if (named?.startsWith('/')) return named;
  return join(env['HOME'] ?? homedir(), '.config');
}

/**
 * Writes a new key file (mode 0600, folder 0700 where it is made). Throws where there is one already, and where it would
 * lie beside the store or in a repository, from which keys get copied and committed.
 */
export function writeKey(path: string, key: SigningKey, store: string): void {
  refusePlace(path, store);
  if (existsSync(path)) {
    throw new AgentStraceError(
      'usage',
      `there is a key at ${path} already; it was left as it is (--key-file names another file)`,
    );
  }
  try {
    makePrivateFolder(dirname(path));
    const file = openSync(path, 'wx', 0o600);
    try {
      writeFileSync(file, formatSigningKey(key));
      fsyncSync(file);
    } catch (error) {
      // Half a key signs nothing, and would be in the way of a whole one.
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    chmodSync(path, 0o600);
  } catch (error) {
    throw new AgentStraceError('output_failed', `cannot write ${path}: ${whyUnwritable(error)}`, {
      cause: error,
    });
  }
}

function refusePlace(path: string, store: string): void {
  if (dirname(resolve(store)) === dirname(path)) {
    throw new AgentStraceError(
      'usage',
      `${path} lies beside the store; a key belongs elsewhere (--key-file)`,
    );
  }
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) {
      throw new AgentStraceError(
        'usage',
        `${path} lies in the repository ${folder}; a key belongs elsewhere (--key-file)`,
      );
    }
    if (dirname(folder) === folder) return;
  }
}

/** Reads the key. Throws where there is none, and where others may read it. */
export function readKey(path: string): SigningKey {
  if (!existsSync(path)) {
    throw new AgentStraceError(
      'not_found',
      `there is no signing key at ${path}; "agent-strace keys generate" makes one`,
    );
  }
  const mode = openMode(path);
  if (mode !== undefined) {
    throw new AgentStraceError(
      'usage',
      `${path} has mode ${mode}: others may read the key; use chmod 600, or make a new one`,
    );
  }
  try {
    return parseSigningKey(readNamedFile(path).toString('utf8'));
  } catch (error) {
    if (!(error instanceof AgentStraceError)) {
      const reason = whyUnreadable(error);
      throw new AgentStraceError('unreadable_input', `cannot read ${path}: ${reason}`, {
        cause: error,
      });
    }
    throw new AgentStraceError('unreadable_input', `${path}: ${error.message}`, { cause: error });
  }
}

/** Mode of a file or folder as octal text where others than its owner may read it; undefined where they may not. */
export function openMode(path: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  const mode = statSync(path).mode & 0o777;
  return (mode & 0o077) === 0 ? undefined : mode.toString(8).padStart(4, '0');
}
