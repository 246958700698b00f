import { setFlagsFromString } from 'node:v8';

/** What V8 does by itself, by flag. */
const USUAL = { '--heap-growing-percent': 0, '--semi-space-growth-factor': 2 } as const;

function set(flag: keyof typeof USUAL, value: number): void {
  setFlagsFromString(`${flag}=${value}`);
  // What is compiled now is kept when the program ends, and V8 takes it only under the flags it starts with.
  process.once('exit', () => setFlagsFromString(`${flag}=${USUAL[flag]}`));
}

/**
 * Has garbage collected when it is half of what lives. V8 would let it grow to several times of that, and a session of
 * any length is to need the same memory.
 */
export function collectEarly(): void {
  set('--heap-growing-percent', 50);
}

/** Keeps the space for new objects as small as it is. V8 would let it grow with the length of the run, by some 40 MB. */
export function keepYoungSmall(): void {
  set('--semi-space-growth-factor', 1);
}
