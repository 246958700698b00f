import type { CommandContext } from './command.ts';

const FIRST_AFTER_MILLIS = 1000;
const EVERY_MILLIS = 250;

/** A counter on stderr while work is long; only on a terminal and never under `--quiet`. */
export function progressLine(context: CommandContext): { add(spans: number): void; end(): void } {
  const shown = process.stderr.isTTY === true && context.options['quiet'] !== true;
  const start = performance.now();
  let next = start + FIRST_AFTER_MILLIS;
  let spans = 0;
  let drawn = false;
  return {
    add(count) {
      spans += count;
      const now = performance.now();
      if (!shown || now < next) return;
      next = now + EVERY_MILLIS;
      drawn = true;
      process.stderr.write(`\r${spans} spans, ${Math.round(spans / ((now - start) / 1000))}/s\u001b[K`);
    },
    end() {
      if (drawn) process.stderr.write('\r\u001b[K');
    },
  };
}
