import type { EventHeader, Genesis } from '../integrity/chain.ts';
import { byCodeUnits } from './tally.ts';

export type GapCode = 'imported' | 'no_end' | 'time_regression' | 'unanswered_call';

/** Something a reader has to know before relying on a session's completeness. */
export interface Gap {
  readonly code: GapCode;
  readonly session: string;
  /** How often. */
  readonly count: number;
  /** First event concerned. */
  readonly first_n?: number | undefined;
}

/** Lanes whose clock is followed; a session with more is hostile or broken and the rest goes unwatched. */
const MOST_CLOCKS = 1000;

/** Collects the gaps of one session. */
export class SessionGaps {
  readonly #clocks = new Map<string, number>();
  #regressions = 0;
  #firstRegression: number | undefined;

  /**
   * Times are compared within one lane and one way of capturing: different sources arrive interleaved.
   * What a subagent's own source says of its start and end comes later than what its parent did meanwhile.
   */
  event(header: EventHeader): void {
    if (header.type.startsWith('subagent_')) return;
    const clock = `${header.capture}\n${header.lane ?? ''}`;
    const previous = this.#clocks.get(clock);
    if (previous !== undefined && header.ts_us < previous) {
      this.#regressions += 1;
      this.#firstRegression ??= header.n;
    }
    if (previous !== undefined || this.#clocks.size < MOST_CLOCKS)
      this.#clocks.set(clock, header.ts_us);
  }

  /** Gaps in alphabetical order of their codes. */
  end(session: string, end: { genesis: Genesis; closed: boolean; unanswered: number }): Gap[] {
    const gaps: Gap[] = [];
    if (end.genesis.origin === 'imported') gaps.push({ code: 'imported', session, count: 1 });
    if (!end.closed) gaps.push({ code: 'no_end', session, count: 1 });
    if (this.#regressions > 0) {
      const first_n = this.#firstRegression;
      gaps.push({ code: 'time_regression', session, count: this.#regressions, first_n });
    }
    if (end.unanswered > 0) gaps.push({ code: 'unanswered_call', session, count: end.unanswered });
    return gaps.sort((a, b) => byCodeUnits(a.code, b.code));
  }
}
