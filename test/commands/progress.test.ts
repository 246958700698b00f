import { describe, expect, it } from 'vitest';
import { createProgress } from '../../src/commands/progress.ts';

function terminal(shown = true) {
  let now = 0;
  const drawn: string[] = [];
  return {
    drawn,
    pass: (millis: number) => {
      now += millis;
    },
    shown,
    write: (text: string) => void drawn.push(text),
    now: () => now,
  };
}

describe('progress of a long run', () => {
  it('counts sessions, spans, bytes, rate and retries, and makes room again', () => {
    const screen = terminal();
    const progress = createProgress(screen, 2000, () => 1_234_567);
    progress.spans(500);
    expect(screen.drawn).toEqual([]);
    screen.pass(2000);
    progress.sessions(120);
    progress.spans(700);
    progress.retry();
    screen.pass(300);
    progress.spans(100);
    expect(screen.drawn).toEqual([
      '\r120/2000 sessions, 500 spans, 1.23 MB, 250 spans/s\u001b[K',
      '\r120/2000 sessions, 1.3k spans, 1.23 MB, 565 spans/s, 1 retry\u001b[K',
    ]);
    progress.clear();
    expect(screen.drawn.at(-1)).toBe('\r\u001b[K');
    progress.clear();
    expect(screen.drawn).toHaveLength(3);
  });

  it('is silent where there is no terminal', () => {
    const screen = terminal(false);
    const progress = createProgress(screen, 1, () => 0);
    screen.pass(5000);
    progress.spans(1);
    progress.clear();
    expect(screen.drawn).toEqual([]);
  });
});
