import { CharacterSet, classSet, DOT, escapeSet } from './character-set.ts';

/** A regular expression as far as the check for linear time has to know it. */
export type Part =
  | { readonly type: 'set'; readonly set: CharacterSet }
  | { readonly type: 'group'; readonly branches: readonly (readonly Part[])[] }
  | { readonly type: 'test'; readonly branches: readonly (readonly Part[])[] }
  | { readonly type: 'repeat'; readonly part: Part; readonly min: number; readonly max: number };

/** A reason, in words for the person, why a pattern is not taken. */
export class PatternProblem extends Error {}

/**
 * Reads the pattern of a custom rule, which has been accepted by `RegExp` before. Throws
 * {@link PatternProblem} for what custom rules may not use.
 */
export function partsOf(source: string, ignoreCase: boolean): readonly (readonly Part[])[] {
  let at = 0;

  function branches(depth: number): Part[][] {
    if (depth > 20) throw new PatternProblem('has groups nested more than 20 deep');
    const all: Part[][] = [[]];
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at++;
        all.push([]);
        continue;
      }
      const part = repeated(single(depth));
      if (part !== undefined) (all.at(-1) as Part[]).push(part);
    }
    return all;
  }

  function single(depth: number): Part | undefined {
    const character = source[at++] as string;
    if (character === '(') return group(depth);
    if (character === '^' || character === '$') return { type: 'test', branches: [] };
    if (character === '.') return { type: 'set', set: DOT };
    if (character === '[') {
      const end = endOfClass(source, at);
      const set = classSet(source.slice(at, end), ignoreCase);
      at = end + 1;
      return { type: 'set', set };
    }
    if (character !== '\\') return { type: 'set', set: CharacterSet.of(character, ignoreCase) };
    if (/[bB]/.test(source[at] ?? '')) {
      at++;
      return { type: 'test', branches: [] };
    }
    if (/[1-9k]/.test(source[at] ?? ''))
      throw new PatternProblem('refers back to a group, which can take more than linear time');
    const { set, length } = escapeSet(source, at, ignoreCase);
    at += length;
    return { type: 'set', set };
  }

  function group(depth: number): Part {
    const head = /^\?(?:<?[=!]|:|<[A-Za-z_$][\w$]*>)?/.exec(source.slice(at, at + 80))?.[0] ?? '';
    at += head.length;
    const inner = branches(depth + 1);
    at++;
    return { type: /[=!]$/.test(head) ? 'test' : 'group', branches: inner };
  }

  function repeated(part: Part | undefined): Part | undefined {
    const match = /^(?:([*+?])|\{(\d{1,9})(,?)(\d{0,9})\})\??/.exec(source.slice(at, at + 24));
    if (match === null || part === undefined) return part;
    at += match[0].length;
    if (match[1] !== undefined) {
      return {
        type: 'repeat',
        part,
        min: match[1] === '+' ? 1 : 0,
        max: match[1] === '?' ? 1 : Infinity,
      };
    }
    const min = Number(match[2]);
    return {
      type: 'repeat',
      part,
      min,
      max: match[3] === '' ? min : match[4] === '' ? Infinity : Number(match[4]),
    };
  }

  return branches(0);
}

function endOfClass(source: string, from: number): number {
  for (let i = from; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === ']') return i;
  }
  return source.length;
}
