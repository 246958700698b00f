import type { CharacterSet } from './character-set.ts';
import type { Part } from './pattern-parts.ts';

/**
 * In how many ways a sequence may match the same text before it fails: the number of vain attempts grows with it.
 * Repetitions that may end in several places multiply, except for those followed by something that they cannot match,
 * which fixes their end. `behind` is what may follow the sequence.
 */
export function waysOf(parts: readonly Part[], behind: readonly CharacterSet[] = []): number {
  let ways = 1;
  for (const [index, part] of parts.entries())
    ways *= waysOfPart(part, [...beginningsOf(parts.slice(index + 1)), ...behind]);
  return ways;
}

function waysOfPart(part: Part, behind: readonly CharacterSet[]): number {
  if (part.type === 'set') return 1;
  if (part.type === 'repeat') return waysOfRepeat(part, behind);
  const each = part.branches.map((branch) => waysOf(branch, behind));
  if (each.length === 0) return 1;
  const isChoice = part.branches.some((branch, index) =>
    part.branches.slice(index + 1).some((other) => canBeginAlike(branch, other)),
  );
  return isChoice ? each.reduce((sum, ways) => sum + ways, 0) : Math.max(...each);
}

function waysOfRepeat(
  { part, min, max }: Extract<Part, { type: 'repeat' }>,
  behind: readonly CharacterSet[],
): number {
  // Unlimited repetitions are checked separately.
  if (max === Infinity) return 1;
  const again = max > 1 ? [...beginningsOf([part]), ...behind] : behind;
  const once = waysOfPart(part, again);
  const own = setsOf(part);
  const mayGoOn = behind.some((next) => own.some((set) => set.overlaps(next)));
  return once ** max * (mayGoOn ? max - min + 1 : 1);
}

/** What the next character may be; a test may examine any. */
function beginningsOf(parts: readonly Part[]): CharacterSet[] {
  const sets: CharacterSet[] = [];
  for (const part of parts) {
    sets.push(...firstOf(part));
    if (!mayBeEmpty(part)) break;
  }
  return sets;
}

function firstOf(part: Part): CharacterSet[] {
  if (part.type === 'set') return [part.set];
  if (part.type === 'repeat') return firstOf(part.part);
  return part.branches.flatMap((branch) => beginningsOf(branch));
}

function mayBeEmpty(part: Part): boolean {
  if (part.type === 'set') return false;
  if (part.type === 'repeat') return part.min === 0 || mayBeEmpty(part.part);
  return part.type === 'test' || part.branches.some((branch) => branch.every(mayBeEmpty));
}

function setsOf(part: Part): CharacterSet[] {
  if (part.type === 'set') return [part.set];
  if (part.type === 'repeat') return setsOf(part.part);
  return part.branches.flatMap((branch) => branch.flatMap(setsOf));
}

function canBeginAlike(one: readonly Part[], other: readonly Part[]): boolean {
  if (one.every(mayBeEmpty) || other.every(mayBeEmpty)) return true;
  return beginningsOf(one).some((set) => beginningsOf(other).some((next) => set.overlaps(next)));
}
