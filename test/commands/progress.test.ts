import { describe, expect, it } from 'vitest';
import { showingCount } from '../../src/commands/output/count-progress.ts';
import { createProgress } from '../../src/commands/output/progress.ts';

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

  it('is silent without a terminal', () => {
    const screen = terminal(false);
    const progress = createProgress(screen, 1, () => 0);
    screen.pass(5000);
    progress.spans(1);
    progress.clear();
    expect(screen.drawn).toEqual([]);
  });
});

describe('a count while a page is written', () => {
  function* numbers(screen: ReturnType<typeof terminal>): Generator<number, string> {
    for (let number = 1; number <= 5; number++) {
      screen.pass(400);
      yield number;
    }
    return 'totals';
  }

  it('is drawn after a second, and gone at the end, whatever the end is', () => {
    const screen = terminal();
    const items = showingCount(numbers(screen), 'operations', screen);
    expect([1, 2, 3, 4].map(() => items.next().value)).toEqual([1, 2, 3, 4]);
    expect(screen.drawn).toEqual(['\r3 operations …\u001b[K', '\r4 operations …\u001b[K']);
    expect([items.next().value, items.next().value]).toEqual([5, 'totals']);
    expect(screen.drawn.at(-1)).toBe('\r\u001b[K');
    const stopped = terminal();
    const cut = showingCount(numbers(stopped), 'operations', stopped);
    for (let step = 0; step < 3; step++) cut.next();
    cut.return('');
    expect(stopped.drawn).toEqual(['\r3 operations …\u001b[K', '\r\u001b[K']);
  });

  it('is not drawn without a terminal, or if there is nothing to wait for', () => {
    const hidden = terminal(false);
    expect([...showingCount(numbers(hidden), 'operations', hidden)]).toHaveLength(5);
    const quick = terminal();
    expect([...showingCount([1, 2].values(), 'operations', quick)]).toEqual([1, 2]);
    expect([...hidden.drawn, ...quick.drawn]).toEqual([]);
  });
});
