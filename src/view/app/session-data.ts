import { QUOTED_TEXTS } from '../../session/quoted-texts.ts';
import { inTreeOrder } from '../operation-tree.ts';
import {
  BLOCKS,
  type ViewerDetails,
  type ViewerMetric,
  type ViewerQuote,
  type ViewerRow,
  type ViewerSession,
  type ViewerText,
} from '../viewer-data.ts';
import type { Row } from './row.ts';

export interface SessionData {
  readonly session: ViewerSession;
  readonly metrics: readonly ViewerMetric[];
  readonly rows: readonly Row[];
  /** Number of detail blocks, for reading them all. */
  readonly blocks: number;
  details(row: Row): ViewerDetails;
  /** The operation that an LLM call quotes, and the quoted texts; undefined if this page does not contain it. */
  quoted(
    quote: ViewerQuote,
  ): { readonly row: Row; readonly texts: readonly ViewerText[] } | undefined;
  /** Rows of a detail block with their details, in no particular order. */
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

/** `shift` is added to each time so that it counts from the session's start. */
function readItems(shift: number): Item[] {
  return blocksOf(BLOCKS.rows).flatMap((element, block) =>
    (parse<ViewerRow[]>(element) ?? []).map((source, place) => ({
      id: source.id,
      parentId: source.parent,
      startMicros: source.start + shift,
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
      if (!row) continue;
      row.subtreeEnd = rows.length;
      const above = open.at(-1);
      if (above) above.problemsBelow += row.problemsBelow + (row.mark === 'ok' ? 0 : 1);
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
      startMicros: item.startMicros,
      endMicros: item.startMicros + source.duration,
      depth,
      parent: open.at(-1)?.index ?? -1,
      subtreeEnd: 0,
      problemsBelow: 0,
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
/** An LLM call quotes what happened shortly before it. */
const KEPT_BLOCKS = 3;

/** Blocks of details, parsed on demand. */
function detailReader() {
  const elements = blocksOf(BLOCKS.details);
  const kept = new Map<number, ViewerDetails[]>();
  return {
    count: elements.length,
    load(index: number): ViewerDetails[] {
      const details = kept.get(index) ?? parse<ViewerDetails[]>(elements[index]) ?? [];
      kept.delete(index);
      kept.set(index, details);
      for (const oldest of kept.keys()) if (kept.size > KEPT_BLOCKS) kept.delete(oldest);
      return details;
    },
  };
}

/** Reads the page's data. Details stay text until they are needed. */
export function readSessionData(): SessionData {
  const session = parse<ViewerSession>(blocksOf(BLOCKS.session)[0]);
  if (session === undefined) throw new Error('the page contains no session');
  const items = readItems(session.head.startMicros - session.totals.startMicros);
  const blank = new Set(items.filter(({ source }) => source.blank).map(({ id }) => id));
  const rows = buildRows(items.filter(({ source }) => !source.blank));
  const blocks = detailReader();
  const byBlock: Row[][] = Array.from({ length: blocks.count }, () => []);
  for (const row of rows) byBlock[row.block]?.push(row);
  const details = (row: Row): ViewerDetails => {
    const found = blocks.load(row.block)[row.place] ?? NO_DETAILS;
    if (blank.size === 0) return found;
    const quotes = found.quotes?.filter(([, , , id]) => !blank.has(id));
    return { ...found, quotes };
  };
  let byId: Map<string, Row> | undefined;
  return {
    session,
    metrics: parse<ViewerMetric[]>(blocksOf(BLOCKS.metrics)[0]) ?? [],
    rows,
    blocks: blocks.count,
    details,
    block: (index) => (byBlock[index] ?? []).map((row) => ({ row, details: details(row) })),
    quoted([, , type, id]) {
      byId ??= new Map(rows.map((row) => [row.id, row]));
      const row = byId.get(id);
      if (row === undefined) return undefined;
      const { texts } = details(row);
      const name = QUOTED_TEXTS[type].find((one) => texts.some((text) => text.name === one));
      const named = texts.filter((text) => text.name === name);
      // Reasoning adds up; of any other text the first is quoted, as in exported messages.
      return { row, texts: type === 'reasoning' ? named : named.slice(0, 1) };
    },
  };
}
