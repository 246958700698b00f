import { dirname, join } from 'node:path';
import type { Sidecars, SourceContext } from '../agent.ts';
import { type JsonObject, objectOf, parsedJson } from '../json-values.ts';
import { OLD_TREE_FILE } from './detection.ts';

/** Largest document that is read; images and long outputs are inside the documents. */
const LONGEST = 16 * 1024 * 1024;
/** Most characters of a message's parts that are held at once. */
const MOST_CHARACTERS = 128 * 1024 * 1024;

/** The files around one document of a JSON tree. */
export interface Tree extends Pick<SourceContext, 'nameOf'> {
  readonly path: string;
  readonly sidecars: Sidecars;
  /** Folder that holds `session`, `message` and `part`; in the first versions `info`, `message` and `part`. */
  readonly root: string;
  /** The tree of one project, in the first versions. An upgrade copies it and leaves it in place. */
  readonly isOld: boolean;
}

export function treeOf(context: SourceContext): Tree {
  const { path, sidecars, nameOf } = context;
  const old = OLD_TREE_FILE.exec(path);
  const root =
    old === null ? dirname(dirname(dirname(path))) : path.slice(0, old.index + old[1]!.length);
  return { path, sidecars, nameOf, root, isOld: old !== null };
}

export function readJson(tree: Tree, ...path: readonly string[]): JsonObject | undefined {
  return objectOf(parsedJson(readText(tree, path, LONGEST)));
}

function readText({ root, sidecars }: Tree, path: readonly string[], longest: number): string {
  if (path.some((name) => /[/\\]|^\.\.?$/.test(name))) return '';
  return sidecars.read(join(root, ...path), longest) ?? '';
}

/** Names in a folder, in order. Ids of messages and parts grow with time. */
export function list(tree: Tree, ...path: readonly string[]): readonly string[] {
  return tree.sidecars.list(join(tree.root, ...path));
}

/** The documents that hold the parts of a message, as paths below the root. */
export function partFiles(tree: Tree, session: string, message: string): string[][] {
  const folder = tree.isOld ? ['part', session, message] : ['part', message];
  return list(tree, ...folder).map((name) => [...folder, name]);
}

/** The documents in order, without those that exceed the limits. */
export function readAll(tree: Tree, files: readonly (readonly string[])[]): JsonObject[] {
  const documents: JsonObject[] = [];
  let left = MOST_CHARACTERS;
  for (const file of files) {
    const text = readText(tree, file, Math.min(LONGEST, left));
    left -= text.length;
    const document = objectOf(parsedJson(text));
    if (document !== undefined) documents.push(document);
  }
  return documents;
}
