import type { SessionHead } from '../session/session.ts';
import type { Attributes, AttributeValue, MapperOptions } from './mapper.ts';

/** What a row may look at beside its source. */
export interface MappingContext {
  readonly head: SessionHead;
  readonly options: MapperOptions;
}

/** `json` is a string that holds JSON text. */
type AttributeType = 'string' | 'int' | 'double' | 'boolean' | 'string[]' | 'json';

/** One attribute of a vocabulary: the span and its docs page both come from it. */
export interface AttributeRow<Source> {
  readonly key: string;
  readonly type: AttributeType;
  /** What the value means and when it is there, with its unit. */
  readonly doc: string;
  /** The value, or undefined where the recording does not tell: missing is missing. */
  readonly from: (source: Source, context: MappingContext) => AttributeValue | undefined;
}

/** The rows of one span or event, for the docs page. */
export interface Section {
  readonly title: string;
  readonly intro: string;
  readonly rows: readonly AttributeRow<never>[];
}

/** The values that are known, as a fresh object, in the order of the rows. */
export function attributesOf<Source>(
  rows: readonly AttributeRow<Source>[],
  source: Source,
  context: MappingContext,
): Attributes {
  let low = 0;
  let high = 0;
  for (let at = 0; at < rows.length; at++) {
    const value = rows[at]!.from(source, context);
    values[at] = value;
    if (value === undefined) continue;
    if (at < BITS) low |= 1 << at;
    else high |= 1 << (at - BITS);
  }
  return rows.length > 2 * BITS ? filled(rows, {}) : filled(rows, shaped(rows, low, high));
}

const values: (AttributeValue | undefined)[] = [];

function filled(rows: readonly AttributeRow<never>[], attributes: Attributes): Attributes {
  for (let at = 0; at < rows.length; at++) {
    const value = values[at];
    if (value !== undefined) attributes[rows[at]!.key] = value;
  }
  return attributes;
}

/** An object with the keys of the rows whose bits are set; rows from the 31st on have theirs in `high`. */
interface Shape {
  readonly low: number;
  readonly high: number;
  readonly blank: Attributes;
}

const BITS = 30;
const MOST_SHAPES = 32;
const shapes = new WeakMap<readonly AttributeRow<never>[], Shape[]>();

/**
 * A copy of an object that has the keys already. Adding more than a dozen computed keys one by one makes V8 keep an
 * object as a hash table: making and reading 130,000 of them then takes 0.6 s more.
 */
function shaped(rows: readonly AttributeRow<never>[], low: number, high: number): Attributes {
  let known = shapes.get(rows);
  if (known === undefined) {
    known = [];
    shapes.set(rows, known);
  }
  for (const shape of known)
    if (shape.low === low && shape.high === high) return { ...shape.blank };
  if (known.length >= MOST_SHAPES) return {};
  const keys = rows.flatMap(({ key }, at) => (values[at] === undefined ? [] : [[key, 0]]));
  // JSON.parse makes an object that has room for exactly its keys.
  const blank = JSON.parse(JSON.stringify(Object.fromEntries(keys))) as Attributes;
  known.push({ low, high, blank });
  return { ...blank };
}
