import type { BatchResult } from '../../exporters/bisecting.ts';
import type { TimedSpan } from '../../exporters/encoder.ts';
import { printable } from '../../view/terminal-text.ts';
import type { CommandContext } from '../command.ts';
import { counted } from '../output/counted.ts';

/** A destination that falters every few seconds is reported once in this time. */
const REMINDER_MILLIS = 60_000;
const MOST_NAMED = 3;

/** Reports how a destination accepts the stream: each problem once, and when it is over. */
export class WatchTeller {
  readonly #name: string;
  readonly #context: CommandContext;
  /** The current problem, as it was reported. */
  #trouble: string | undefined;
  #retryReportedAt = Number.NEGATIVE_INFINITY;
  #lastMessage: string | undefined;

  constructor(name: string, context: CommandContext) {
    this.#name = name;
    this.#context = context;
  }

  /** Called when a request is tried again. */
  retrying(attempt: number, delayMillis: number, reason: string): void {
    const now = performance.now();
    if (attempt > 1 || now - this.#retryReportedAt < REMINDER_MILLIS) return;
    this.#retryReportedAt = now;
    this.#trouble = reason;
    const wait = (delayMillis / 1000).toFixed(1);
    this.#say(`${reason}; trying again (first in ${wait} s), nothing is lost`);
  }

  answered(answer: BatchResult<TimedSpan>): void {
    const { state, reason = 'refused', rejected, refused, messages } = answer;
    const stopped = state === 'blocked' || state === 'undecided';
    if (stopped && reason !== this.#trouble) {
      this.#trouble = reason;
      this.#warn(
        state === 'undecided'
          ? reason
          : `${reason}; what is waiting is kept and tried again every minute`,
      );
    }
    if (state === 'ok' && this.#trouble !== undefined) {
      this.#trouble = undefined;
      this.#say('accepts spans again');
    }
    if (rejected > 0)
      this.#warn(`accepted a request but dropped ${counted(rejected, 'span')} of it`);
    for (const { item, status, message } of refused.slice(0, MOST_NAMED)) {
      const said = message === undefined ? '' : `: ${message}`;
      this.#warn(
        `span ${item.spanContext().spanId} (${item.name}) refused with HTTP ${status}${said}`,
      );
    }
    const unnamed = refused.length - MOST_NAMED;
    if (unnamed > 0) this.#warn(`${counted(unnamed, 'span')} more refused`);
    for (const message of messages) this.#repeat(message);
  }

  #repeat(message: string): void {
    if (message === this.#lastMessage) return;
    this.#lastMessage = message;
    this.#warn(`the server says: ${message}`);
  }

  #say(sentence: string): void {
    this.#context.say(`${this.#name}: ${printable(sentence)}`);
  }

  #warn(sentence: string): void {
    this.#context.warn(`${this.#name}: ${printable(sentence)}`);
  }
}
