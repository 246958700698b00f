import { inTreeOrder } from '../operation-tree.ts';
import {
  BLOCKS,
  type ViewerDetails,
  type ViewerMetric,
  type ViewerRow,
  type ViewerSession,
} from '../viewer-data.ts';
import type { Row } from './row.ts';

export interface SessionData {
  readonly session: ViewerSession;
  readonly metrics: readonly ViewerMetric[];
  readonly rows: readonly Row[];
  /** Number of detail blocks, for whoever wants to read them all. */
  readonly blocks: number;
  details(row: Row): ViewerDetails;
  /** Rows of a detail block with their details, in no order. */
  block(index: number): { readonly row: Row; readonly details: ViewerDetails }[];
}

interface Item {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly startMicros: number;
  readonly source: ViewerRow;
  readonly block: number;
  readonly place: number;
}

function blocksOf(name: string): HTMLScriptElement[] {
  return [...document.querySelectorAll<HTMLScriptElement>(`script[data-block="${name}"]`)];
}

function parse<Value>(element: HTMLScriptElement | undefined): Value | undefined {
  return element === undefined ? undefined : (JSON.parse(element.text) as Value);
}

function readItems(): Item[] {
  return blocksOf(BLOCKS.rows).flatMap((element, block) =>
    (parse<ViewerRow[]>(element) ?? []).map((source, place) => ({
      id: source.id,
      parentId: source.parent,
      startMicros: source.start,
      source,
      block,
      place,
    })),
  );
}

function buildRows(items: readonly Item[]): Row[] {
  const rows: Row[] = [];
  const open: Row[] = [];
  const close = (depth: number): void => {
    while (open.length > depth) {
      const row = open.pop();
      if (row) row.subtreeEnd = rows.length;
    }
  };
  for (const { item, depth } of inTreeOrder(items)) {
    close(depth);
    const { source } = item;
    const row: Row = {
      index: rows.length,
      id: item.id,
      kind: source.kind,
      mark: source.mark ?? 'ok',
      name: source.name,
      about: source.about ?? '',
      startMicros: source.start,
      endMicros: source.start + source.duration,
      depth,
      parent: open.at(-1)?.index ?? -1,
      subtreeEnd: 0,
      container: source.kind === 'turn' || source.kind === 'subagent',
      source,
      block: item.block,
      place: item.place,
    };
    const above = open.at(-1);
    if (row.kind === 'prompt' && above?.kind === 'turn' && above.about === '')
      above.about = row.about;
    rows.push(row);
    open.push(row);
  }
  close(0);
  return rows;
}

const NO_DETAILS: ViewerDetails = { attributes: [], texts: [] };

/** Reads the page's data. Details stay text until somebody looks at them. */
export function readSessionData(): SessionData {
  const session = parse<ViewerSession>(blocksOf(BLOCKS.session)[0]);
  if (session === undefined) throw new Error('the page holds no session');
  const rows = buildRows(readItems());
  const detailBlocks = blocksOf(BLOCKS.details);
  const byBlock: Row[][] = detailBlocks.map(() => []);
  for (const row of rows) byBlock[row.block]?.push(row);
  let last: { index: number; details: ViewerDetails[] } | undefined;
  const load = (index: number): ViewerDetails[] => {
    if (last?.index !== index) {
      last = { index, details: parse<ViewerDetails[]>(detailBlocks[index]) ?? [] };
    }
    return last.details;
  };
  return {
    session,
    metrics: parse<ViewerMetric[]>(blocksOf(BLOCKS.metrics)[0]) ?? [],
    rows,
    blocks: detailBlocks.length,
    details: (row) => load(row.block)[row.place] ?? NO_DETAILS,
    block: (index) => {
      const details = load(index);
      return (byBlock[index] ?? []).map((row) => ({
        row,
        details: details[row.place] ?? NO_DETAILS,
      }));
    },
  };
}
