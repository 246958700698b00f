import { setFlagsFromString } from 'node:v8';

/** Flags already set: each destination asks for its own, and Node warns of more than ten listeners for the exit. */
const changed = new Set<string>();

function set(flag: string, usual: string): void {
  if (changed.has(flag)) return;
  changed.add(flag);
  setFlagsFromString(flag);
  // Code compiled now is cached when the program ends, and V8 accepts it only under the flags it starts with.
  process.once('exit', () => setFlagsFromString(usual));
}

/**
 * Collects garbage once it amounts to half of the live heap. V8 would let it grow to several times that, but memory
 * must not depend on the length of a session.
 */
export function collectEarly(): void {
  set('--heap-growing-percent=50', '--heap-growing-percent=0');
}

/**
 * Keeps the space for new objects at its initial size. V8 would let it grow with the length of the run, by some 40
 * MB.
 */
export function keepYoungSmall(): void {
  set('--semi-space-growth-factor=1', '--semi-space-growth-factor=2');
}

/**
 * Leaves the processors to our threads when they fill them all. Otherwise V8's helper threads, which compile and
 * collect garbage for each, take a tenth of the time of an export, and a twenty-fifth of an import.
 */
export function spareProcessors(): void {
  set('--max-inlined-bytecode-size-cumulative=200', '--max-inlined-bytecode-size-cumulative=920');
  set('--no-parallel-scavenge', '--parallel-scavenge');
}
