/** What the tree needs to know about an operation. */
export interface TreeItem {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly startMicros: number;
}

/**
 * An item with its place. `depth` is 0 at the top; `last` says for each level, from the top, whether no sibling
 * follows.
 */
export interface Placed<Item> {
  readonly item: Item;
  readonly depth: number;
  readonly last: readonly boolean[];
}

/** Deeper levels keep their order but are drawn at this depth. */
export const DEEPEST = 40;

function byStart(a: TreeItem, b: TreeItem): number {
  return a.startMicros - b.startMicros;
}

/**
 * Items in the order of a tree read from top to bottom: each one below its parent, siblings by start. Items may come
 * in any order; one whose parent is missing, or that would close a cycle, goes to the top.
 */
export function* inTreeOrder<Item extends TreeItem>(
  items: readonly Item[],
): Generator<Placed<Item>> {
  const known = new Set(items.map((item) => item.id));
  const children = new Map<string, Item[]>();
  const tops: Item[] = [];
  for (const item of [...items].sort(byStart)) {
    if (item.parentId === undefined || !known.has(item.parentId) || item.parentId === item.id) {
      tops.push(item);
      continue;
    }
    const siblings = children.get(item.parentId);
    if (siblings) siblings.push(item);
    else children.set(item.parentId, [item]);
  }
  const seen = new Set<string>();
  yield* walk(tops, children, seen);
  if (seen.size < known.size)
    yield* walk(
      items.filter((item) => !seen.has(item.id)),
      children,
      seen,
    );
}

/** Depth first with an explicit stack, because recorded nesting may be deeper than the call stack. */
function* walk<Item extends TreeItem>(
  tops: readonly Item[],
  children: ReadonlyMap<string, readonly Item[]>,
  seen: Set<string>,
): Generator<Placed<Item>> {
  const stack = [{ siblings: tops, next: 0, above: [] as readonly boolean[], depth: 0 }];
  for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
    const item = level.siblings[level.next++];
    if (item === undefined) {
      stack.pop();
      continue;
    }
    if (seen.has(item.id)) continue;
    seen.add(item.id);
    const last =
      level.depth > DEEPEST ? level.above : [...level.above, level.next === level.siblings.length];
    yield { item, depth: level.depth, last };
    const below = children.get(item.id);
    if (below) stack.push({ siblings: below, next: 0, above: last, depth: level.depth + 1 });
  }
}
