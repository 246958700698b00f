import { CharacterSet } from './character-set.ts';
import { type Part, PatternProblem, partsOf } from './pattern-parts.ts';
import { waysOf } from './pattern-ways.ts';

/** More repetitions than this, counted through nested groups, are as bad as unlimited ones. */
const MAX_STEPS = 1000;
/** Most ways in which a pattern may be tried in vain from one position. */
const MAX_WAYS = 1000;
const LIMIT_IT = 'give it a limit such as {1,200}';

/**
 * Why a pattern may take more than linear time on hostile text, as half a sentence for the user; undefined if it
 * cannot. Sound but strict: rejects what it does not understand.
 */
export function problemOfPattern(source: string, ignoreCase: boolean): string | undefined {
  try {
    const branches = partsOf(source, ignoreCase);
    for (const branch of branches) checkSequence(branch);
    if (branches.reduce((sum, branch) => sum + waysOf(branch), 0) > MAX_WAYS)
      throw new PatternProblem(
        `can match the same text in more than ${MAX_WAYS} ways; let each repetition be followed by something that it cannot match`,
      );
    return undefined;
  } catch (error) {
    if (error instanceof PatternProblem) return error.message;
    throw error;
  }
}

function checkSequence(parts: readonly Part[]): void {
  if (parts.reduce((sum, part) => sum + steps(part), 0) > MAX_STEPS) {
    throw new PatternProblem(
      `may take more than ${MAX_STEPS} steps at one position; use smaller limits`,
    );
  }
  for (const [index, part] of parts.entries()) {
    if (part.type === 'group' || part.type === 'test') {
      for (const branch of part.branches) checkInner(branch);
    }
    if (part.type !== 'repeat') continue;
    if (part.max === Infinity) checkUnlimited(parts, index, part);
    else if (part.part.type === 'group')
      for (const branch of part.part.branches) checkInner(branch);
  }
}

/** Nothing inside groups and tests may repeat without limit: the surrounding pattern could try it again and again. */
function checkInner(parts: readonly Part[]): void {
  for (const part of parts) {
    if (part.type === 'repeat') {
      if (part.max === Infinity)
        throw new PatternProblem(`repeats without limit inside a group; ${LIMIT_IT}`);
      checkInner([part.part]);
    } else if (part.type !== 'set') {
      for (const branch of part.branches) checkInner(branch);
    }
  }
}

/** Steps of one attempt: repetitions multiply, neighbours and branches add up. */
function steps(part: Part): number {
  if (part.type === 'set') return 1;
  if (part.type === 'repeat')
    return part.max === Infinity ? 1 : Math.max(1, part.max) * steps(part.part);
  return part.branches.reduce(
    (sum, branch) => sum + branch.reduce((inner, one) => inner + steps(one), 0),
    1,
  );
}

/**
 * `x*` is linear if nothing after it can fail, or if something required before it cannot occur inside it: then no two
 * attempts, up to a bounded number, cover the same characters.
 */
function checkUnlimited(
  parts: readonly Part[],
  index: number,
  repeat: Extract<Part, { type: 'repeat' }>,
): void {
  const set = setOfBody(repeat.part);
  if (parts.slice(index + 1).every(isOptional)) return;
  for (let i = index - 1; i >= 0; i--) {
    const before = parts[i] as Part;
    if (before.type === 'repeat' && before.max === Infinity) break;
    const inner = before.type === 'repeat' ? before.part : before;
    if (inner.type === 'set' && !isOptional(before) && !inner.set.overlaps(set)) return;
  }
  throw new PatternProblem(
    `repeats without limit in a way that can be tried from many positions in the same text; ${LIMIT_IT}`,
  );
}

const isOptional = (part: Part): boolean => part.type === 'repeat' && part.min === 0;

/**
 * The characters that the repeated part matches; a repeated group may only choose between alternatives that begin
 * differently.
 */
function setOfBody(part: Part): CharacterSet {
  if (part.type === 'set') return part.set;
  if (part.type !== 'group')
    throw new PatternProblem(`repeats a repetition or a lookaround without limit; ${LIMIT_IT}`);
  const firsts: CharacterSet[] = [];
  const all: CharacterSet[] = [];
  for (const branch of part.branches) {
    for (const one of branch) {
      if (one.type !== 'set')
        throw new PatternProblem(
          `repeats a group without limit that itself repeats something; ${LIMIT_IT}`,
        );
      all.push(one.set);
    }
    const first = branch[0];
    if (first?.type !== 'set') throw new PatternProblem('repeats a group that may be empty');
    if (firsts.some((other) => other.overlaps(first.set))) {
      throw new PatternProblem(
        `repeats a choice without limit whose branches can begin alike; ${LIMIT_IT}`,
      );
    }
    firsts.push(first.set);
  }
  return new CharacterSet((code) => all.some((set) => set.has(code)));
}
