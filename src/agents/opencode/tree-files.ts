import { dirname, join } from 'node:path';
import type { Sidecars, SourceContext } from '../agent.ts';
import { type JsonObject, objectOf, parsedJson } from '../json-values.ts';
import { OLD_TREE_FILE } from './detection.ts';

/** Images and long outputs lie in the documents themselves. */
const LONGEST = 16 * 1024 * 1024;

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
  if (path.some((name) => /[/\\]|^\.\.?$/.test(name))) return undefined;
  return objectOf(parsedJson(tree.sidecars.read(join(tree.root, ...path), LONGEST) ?? ''));
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

export function readAll(tree: Tree, files: readonly (readonly string[])[]): JsonObject[] {
  const documents: JsonObject[] = [];
  for (const file of files) {
    const document = readJson(tree, ...file);
    if (document !== undefined) documents.push(document);
  }
  return documents;
}
