import { formatBytes, formatCount } from '../../view/format.ts';
import type { CommandContext } from '../command.ts';

const FIRST_AFTER_MILLIS = 1000;
const EVERY_MILLIS = 250;
const CLEAR_LINE = '\r\u001b[K';

/** A terminal line that is overwritten again and again. */
export interface ProgressTerminal {
  readonly shown: boolean;
  write(text: string): void;
  /** Monotonic milliseconds. */
  now(): number;
}

/** What is counted during long work. */
export interface Progress {
  /** Number of sessions that are done at one destination. */
  sessions(count: number): void;
  spans(count: number): void;
  retry(): void;
  /** Clears the line for another message. */
  clear(): void;
}

/**
 * A progress line for a long run: `120/2000 sessions, 3.4k spans, 1.2 MB, 850 spans/s, 2 retries`. Nothing is drawn
 * in the first second. `bytes` returns how many bytes have been sent so far.
 */
export function createProgress(
  terminal: ProgressTerminal,
  totalSessions: number,
  bytes: () => number,
): Progress {
  const start = terminal.now();
  let next = start + FIRST_AFTER_MILLIS;
  let sessions = 0;
  let spans = 0;
  let retries = 0;
  let drawn = false;

  function draw(): void {
    const now = terminal.now();
    if (!terminal.shown || now < next) return;
    next = now + EVERY_MILLIS;
    drawn = true;
    const rate = Math.round(spans / ((now - start) / 1000));
    const parts = [
      `${sessions}/${totalSessions} sessions`,
      `${formatCount(spans)} spans`,
      formatBytes(bytes()),
      `${formatCount(rate)} spans/s`,
    ];
    if (retries > 0) parts.push(`${retries} ${retries === 1 ? 'retry' : 'retries'}`);
    terminal.write(`\r${parts.join(', ')}\u001b[K`);
  }

  return {
    sessions(count) {
      sessions += count;
      draw();
    },
    spans(count) {
      spans += count;
      draw();
    },
    retry() {
      retries++;
      draw();
    },
    clear() {
      if (drawn) terminal.write(CLEAR_LINE);
      drawn = false;
    },
  };
}

/** stderr, if it is a terminal and `--quiet` is not given. */
export function stderrTerminal(context: CommandContext): ProgressTerminal {
  return {
    shown: process.stderr.isTTY === true && context.options['quiet'] !== true,
    write: (text) => void process.stderr.write(text),
    now: () => performance.now(),
  };
}
