import { readFileSync, statSync } from 'node:fs';
import { AgentStraceError, messageOf } from '../errors.ts';
import { hasTooManyValues, TOO_MANY_VALUES } from '../value-count.ts';

const MAX_BYTES = 512 * 1024 * 1024;

/**
 * The value of a file that is one JSON document. Throws `unreadable_input`, whose message quotes nothing of the file.
 */
export function readJsonDocument(path: string): unknown {
  if (statSync(path).size > MAX_BYTES) {
    throw new AgentStraceError(
      'unreadable_input',
      `${path} is a single JSON document of more than 512 MiB`,
    );
  }
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  if (hasTooManyValues(text))
    throw new AgentStraceError(
      'unreadable_input',
      `${path} is a single JSON document of ${TOO_MANY_VALUES}`,
    );
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /at position (\d+)/.exec(messageOf(error))?.[1];
    const where = position === undefined ? '' : ` (character ${position})`;
    throw new AgentStraceError('unreadable_input', `${path} is not valid JSON${where}`, {
      cause: error,
    });
  }
}
