import { seeded } from '../support/seeded.ts';

const WRONG_VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  1e300,
  true,
  '',
  'x',
  '\ud800',
  [],
  {},
  [[]],
  [null],
  { type: [] },
  '__proto__',
];

type Next = () => number;

function pick<T>(next: Next, list: readonly T[]): T {
  return list[Math.floor(next() * list.length)]!;
}

/** Replaces one value somewhere in a JSON value by one of another type. */
export function wrongTypes(value: unknown, next: Next): unknown {
  if (typeof value !== 'object' || value === null || next() < 0.15) return pick(next, WRONG_VALUES);
  if (Array.isArray(value)) {
    if (value.length === 0) return pick(next, WRONG_VALUES);
    const at = Math.floor(next() * value.length);
    return value.map((item, index) => (index === at ? wrongTypes(item, next) : item));
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return pick(next, WRONG_VALUES);
  const key = pick(next, keys);
  return { ...value, [key]: wrongTypes((value as Record<string, unknown>)[key], next) };
}

function mutateLines(lines: string[], next: Next): string[] {
  const at = Math.floor(next() * lines.length);
  const line = lines[at] ?? '';
  switch (Math.floor(next() * 7)) {
    case 0:
      return lines.toSpliced(at, 1);
    case 1:
      return lines.toSpliced(at, 0, line);
    case 2: {
      const other = Math.floor(next() * lines.length);
      const moved = lines.toSpliced(at, 1);
      moved.splice(other, 0, line);
      return moved;
    }
    case 3:
      return lines.toSpliced(at, 2, line + (lines[at + 1] ?? ''));
    case 4:
      return lines.toSpliced(at, 1, line.replace('":"', `":"${'x'.repeat(100_000)}`));
    case 5:
      return lines.toSpliced(at, 1, line.slice(0, Math.floor(next() * line.length)));
    default:
      try {
        return lines.toSpliced(at, 1, JSON.stringify(wrongTypes(JSON.parse(line), next)) ?? '');
      } catch {
        return lines;
      }
  }
}

function mutateBytes(bytes: Buffer, next: Next): Buffer {
  const at = Math.floor(next() * bytes.length);
  const changed = Buffer.from(bytes);
  switch (Math.floor(next() * 3)) {
    case 0:
      return changed.subarray(0, at);
    case 1:
      changed[at] = changed[at]! ^ (1 << Math.floor(next() * 8));
      return changed;
    default:
      return Buffer.concat([
        changed.subarray(0, at),
        Buffer.from([0xff, 0xc3, 0x28]),
        changed.subarray(at),
      ]);
  }
}

/** Damaged copies of a recording made of lines: cut, flipped, dropped, doubled, moved, glued, huge, mistyped, not UTF-8. */
export function* mutants(text: string, count: number, seed: number): Generator<Buffer> {
  const next = seeded(seed);
  for (let made = 0; made < count; made++) {
    let lines = text.split('\n');
    const rounds = 1 + Math.floor(next() * 4);
    for (let round = 0; round < rounds; round++) lines = mutateLines(lines, next);
    const bytes = Buffer.from(lines.join('\n'));
    yield next() < 0.3 ? mutateBytes(bytes, next) : bytes;
  }
}
