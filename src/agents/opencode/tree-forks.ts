import type { Sidecars } from '../agent.ts';
import { countOf, type JsonObject, nativeIdOf, objectOf } from '../json-values.ts';
import { millisOfId } from './timed-ids.ts';
import { list, readJson, type Tree } from './tree-files.ts';

/** The id of a message is created within this time of the message, in milliseconds. */
const NEAR = 1000;
const MAX_SESSIONS = 5000;
const MAX_KNOWN = 1000;

type FindSession = (id: string) => JsonObject | undefined;

/** For each known session of a tree, the session that it was forked from; empty for none. */
const known = new WeakMap<Sidecars, Map<string, string>>();

/**
 * The session that one was forked from. No document records it: a fork begins with messages that are older than itself
 * and that an older session also has. Undefined if there is none, or it was deleted.
 */
export function forkedFrom(tree: Tree, session: JsonObject, find: FindSession): string | undefined {
  const id = nativeIdOf(session.id);
  const first = id === undefined ? undefined : list(tree, 'message', id)[0];
  if (id === undefined || first === undefined || tree.isOld) return undefined;
  const found = known.get(tree.sidecars) ?? new Map<string, string>();
  known.set(tree.sidecars, found);
  const name = `${tree.root}\n${id}`;
  let source = found.get(name);
  if (source === undefined) {
    source = sourceOf(tree, session, readJson(tree, 'message', id, first) ?? {}, find) ?? '';
    if (found.size >= MAX_KNOWN) found.clear();
    found.set(name, source);
  }
  return source === '' ? undefined : source;
}

/** Whether a session has a message from the one it was forked from; copies keep their times and get new ids. */
export function isCopy(
  tree: Tree,
  session: JsonObject,
  message: JsonObject,
  find: FindSession,
): boolean {
  if (!isOlder(message, session)) return false;
  const source = forkedFrom(tree, session, find);
  return source !== undefined && hasOriginal(tree, source, message);
}

/** Session names sort the youngest first: if there are several, that is the one that was forked. */
function sourceOf(
  tree: Tree,
  session: JsonObject,
  message: JsonObject,
  find: FindSession,
): string | undefined {
  if (!isOlder(message, session)) return undefined;
  return list(tree, 'message')
    .slice(0, MAX_SESSIONS)
    .find(
      (other) =>
        other !== session.id &&
        hasOriginal(tree, other, message) &&
        isOlder(find(other) ?? {}, session),
    );
}

function hasOriginal(tree: Tree, session: string, message: JsonObject): boolean {
  const created = createdOf(message);
  if (created === undefined) return false;
  return list(tree, 'message', session).some((name) => {
    const millis = millisOfId(name.replace(/\.json$/, ''), created);
    if (millis === undefined || Math.abs(millis - created) > NEAR) return false;
    const original = readJson(tree, 'message', session, name);
    return original?.role === message.role && createdOf(original ?? {}) === created;
  });
}

function createdOf(document: JsonObject): number | undefined {
  return countOf(objectOf(document.time)?.created);
}

function isOlder(document: JsonObject, than: JsonObject): boolean {
  const [created, other] = [createdOf(document), createdOf(than)];
  return created !== undefined && other !== undefined && created < other;
}
