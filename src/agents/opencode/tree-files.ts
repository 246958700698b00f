import { dirname, join } from 'node:path';
import type { Sidecars, SourceContext } from '../agent.ts';
import { type JsonObject, objectOf, parsedJson } from '../json-values.ts';
import { OLD_TREE_FILE } from './detection.ts';

/** Images and long outputs lie in the documents themselves. */
const LONGEST = 16 * 1024 * 1024;
/** Characters of all parts of a message that are held at once. */
const MOST_CHARACTERS = 128 * 1024 * 1024;

/** The files around one document of a JSON tree. */
export interface Tree extends Pick<SourceContext, 'nameOf'> {
  readonly path: string;
  readonly sidecars: Sidecars;
  /** Folder that holds `session`, `message` and `part`; `info`, `message` and `part` in the first versions. */
  readonly root: string;
  /** The tree of one project, in the first versions. An upgrade copies it and leaves it there. */
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
  return tree.sidecars.list?.(join(tree.root, ...path)) ?? [];
}

/** The documents that hold the parts of a message, by their paths below the root. */
export function partFiles(tree: Tree, session: string, message: string): string[][] {
  const folder = tree.isOld ? ['part', session, message] : ['part', message];
  return list(tree, ...folder).map((name) => [...folder, name]);
}

/** Documents in their order, without those that are too long or too much. */
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
