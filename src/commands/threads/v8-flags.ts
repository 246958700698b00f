import { setFlagsFromString } from 'node:v8';

/** Each destination asks for its own; Node warns of more than ten who wait for the exit. */
const changed = new Set<string>();

function set(flag: string, usual: string): void {
  if (changed.has(flag)) return;
  changed.add(flag);
  setFlagsFromString(flag);
  // What is compiled now is kept when the program ends, and V8 takes it only under the flags it starts with.
  process.once('exit', () => setFlagsFromString(usual));
}

/**
 * Has garbage collected when it is half of what lives. V8 would let it grow to several times of that, and a session of
 * any length is to need the same memory.
 */
export function collectEarly(): void {
  set('--heap-growing-percent=50', '--heap-growing-percent=0');
}

/** Keeps the space for new objects as small as it is. V8 would let it grow with the length of the run, by some 40 MB. */
export function keepYoungSmall(): void {
  set('--semi-space-growth-factor=1', '--semi-space-growth-factor=2');
}

/**
 * Leaves the processors to our threads where those fill all of them. V8's own, which compile and collect garbage beside
 * each, take a tenth of the time of an export otherwise, and a twenty-fifth of that of an import.
 */
export function spareProcessors(): void {
  set('--max-inlined-bytecode-size-cumulative=200', '--max-inlined-bytecode-size-cumulative=920');
  set('--no-parallel-scavenge', '--parallel-scavenge');
}
