import type { SessionHead } from '../session/session.ts';
import type { Attributes, AttributeValue, MapperOptions } from './mapper.ts';

/** What a row may read besides its source. */
export interface MappingContext {
  readonly head: SessionHead;
  readonly options: MapperOptions;
}

/** `json` is a string that contains JSON text. */
type AttributeType = 'string' | 'int' | 'double' | 'boolean' | 'string[]' | 'json';

/** One attribute of a vocabulary; both the span and its docs page derive from it. */
export interface AttributeRow<Source> {
  readonly key: string;
  readonly type: AttributeType;
  /** What the value means, its unit, and when it is present. */
  readonly doc: string;
  /** The value, or undefined if the recording does not state it: missing stays missing. */
  readonly from: (source: Source, context: MappingContext) => AttributeValue | undefined;
}

/** The rows of one span or event, for the docs page. */
export interface Section {
  readonly title: string;
  readonly intro: string;
  readonly rows: readonly AttributeRow<never>[];
}

/** The known values as a new object, in the order of the rows. */
export function attributesOf<Source>(
  rows: readonly AttributeRow<Source>[],
  source: Source,
  context: MappingContext,
): Attributes {
  const words = Math.ceil(rows.length / BITS);
  for (let word = 0; word < words; word++) known[word] = 0;
  for (let at = 0; at < rows.length; at++) {
    const value = rows[at]!.from(source, context);
    values[at] = value;
    if (value !== undefined) known[(at / BITS) | 0]! |= 1 << (at % BITS);
  }
  const attributes = shaped(rows, words);
  for (let at = 0; at < rows.length; at++) {
    const value = values[at];
    if (value !== undefined) attributes[rows[at]!.key] = value;
  }
  return attributes;
}

/** Values of the rows being read, and a bit for each known one, {@link BITS} bits to a number. */
const values: (AttributeValue | undefined)[] = [];
const known: number[] = [];
const BITS = 30;

/** A blank object that has the keys of the rows whose bits are set. */
interface Shape {
  readonly bits: readonly number[];
  readonly blank: Attributes;
  readonly copy: Copy;
}

type Copy = (blank: Attributes) => Attributes;

/**
 * Identical functions, because V8 copies objects fast only where one place in the code has seen at most four shapes.
 * Saves 2 % of an export.
 */
const COPIES: readonly Copy[] = [
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
];
let shapesMade = 0;

const MOST_SHAPES = 32;
const shapes = new WeakMap<readonly AttributeRow<never>[], Shape[]>();

/**
 * A copy of a blank object that already has the keys. When more than a dozen computed keys are added one by one, V8
 * turns the object into a hash table: creating and reading 130,000 of them then takes 0.6 s longer.
 */
function shaped(rows: readonly AttributeRow<never>[], words: number): Attributes {
  let seen = shapes.get(rows);
  if (seen === undefined) {
    seen = [];
    shapes.set(rows, seen);
  }
  for (const shape of seen) if (fits(shape, words)) return shape.copy(shape.blank);
  if (seen.length >= MOST_SHAPES) return {};
  const keys = rows.flatMap(({ key }, at) => (values[at] === undefined ? [] : [[key, 0]]));
  // JSON.parse makes an object with room for exactly its keys.
  const blank = JSON.parse(JSON.stringify(Object.fromEntries(keys))) as Attributes;
  const copy = COPIES[shapesMade++ % COPIES.length]!;
  seen.push({ bits: known.slice(0, words), blank, copy });
  return copy(blank);
}

function fits({ bits }: Shape, words: number): boolean {
  for (let word = 0; word < words; word++) if (bits[word] !== known[word]) return false;
  return true;
}
