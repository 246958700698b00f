import { type JsonObject, labelOf } from '../json-values.ts';
import { upgraded } from './first-messages.ts';
import { list, partFiles, readAll, readJson, type Tree } from './tree-files.ts';

/** A message and its parts, as the files of a tree hold them. */
export interface Owned {
  readonly session: string;
  readonly id: string;
  readonly parts: readonly JsonObject[];
}

const MAX_LOOK_BACK = 50;

/** File names of the messages before one, nearest first. */
export function namesBefore(tree: Tree, { session, id }: Owned): string[] {
  const names = list(tree, 'message', session);
  const own = names.indexOf(`${id}.json`);
  return own <= 0 ? [] : names.slice(Math.max(0, own - MAX_LOOK_BACK), own).reverse();
}

/** The turn of a message that does not name it: the last user message before it. */
export function turnBefore(tree: Tree, owned: Owned): string | undefined {
  for (const name of namesBefore(tree, owned)) {
    const message = readJson(tree, 'message', owned.session, name);
    if (message?.role === 'user' || message?.type === 'user')
      return `turn:${labelOf(message.id, 200) ?? name.replace(/\.json$/, '')}`;
  }
  return undefined;
}

/**
 * Ids of a message's calls that earlier calls already had. Providers that count ids start over with every answer; ids
 * with a random part are not checked.
 */
export function earlierCalls(tree: Tree, owned: Owned): string[] {
  const counted = new Set(callIdsOf(owned.parts).filter(isCounted));
  if (counted.size === 0) return [];
  const found: string[] = [];
  for (const name of namesBefore(tree, owned)) {
    for (const id of callIdsOf(partsOf(tree, owned.session, name)))
      if (counted.delete(id)) found.push(id);
    if (counted.size === 0) break;
  }
  return found;
}

function partsOf(tree: Tree, session: string, name: string): readonly JsonObject[] {
  const files = partFiles(tree, session, name.replace(/\.json$/, ''));
  if (files.length > 0) return readAll(tree, files);
  return upgraded(readJson(tree, 'message', session, name) ?? {})?.parts ?? [];
}

function callIdsOf(parts: readonly JsonObject[]): string[] {
  return parts.flatMap((part) => (part.type === 'tool' ? (labelOf(part.callID, 300) ?? []) : []));
}

/** Whether an id consists of words and numbers: none of its pieces is long and contains a digit. */
function isCounted(callId: string): boolean {
  return !callId.split(/[^A-Za-z0-9]/).some((piece) => piece.length >= 8 && /\d/.test(piece));
}
