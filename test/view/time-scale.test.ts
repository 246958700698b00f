import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Span, timeScale } from '../../src/view/time-scale.ts';

const MINUTE = 60_000_000;
const span = (from: number, to: number): Span => ({
  startMicros: from * MINUTE,
  endMicros: to * MINUTE,
});

describe('timeScale', () => {
  it('is even where something always runs', () => {
    const scale = timeScale(span(0, 10), [span(0, 10)]);
    expect(scale.gaps).toEqual([]);
    expect(scale.position(2.5 * MINUTE)).toBe(0.25);
  });

  it('leaves out long idle stretches, before, between and after', () => {
    const scale = timeScale(span(0, 100), [span(10, 15), span(60, 65), span(65.5, 70)]);
    expect(scale.gaps).toEqual([span(0, 10), span(15, 60), span(70, 100)]);
    expect(scale.activeMicros).toBe(15 * MINUTE);
    expect(scale.position(30 * MINUTE)).toBeCloseTo(1 / 3);
    expect(scale.position(62.5 * MINUTE)).toBeCloseTo(0.5);
    expect(scale.position(99 * MINUTE)).toBe(1);
  });

  it('keeps short pauses and pauses that are small beside the rest', () => {
    expect(timeScale(span(0, 3), [span(0, 1), span(1.9, 3)]).gaps).toEqual([]);
    expect(timeScale(span(0, 1000), [span(0, 500), span(502, 1000)]).gaps).toEqual([]);
  });

  it('shows all the time where nothing took any', () => {
    const instants = [0, 5, 10, 20].map((minute) => span(minute, minute));
    const scale = timeScale(span(0, 20), instants);
    expect(scale.gaps).toEqual([]);
    expect(instants.map((one) => scale.position(one.startMicros))).toEqual([0, 0.25, 0.5, 1]);
  });

  it('never goes back, stays between 0 and 1, and can be turned round', () => {
    const minute = fc.integer({ min: 0, max: 500 });
    const busy = fc.array(
      fc.tuple(minute, minute).map(([a, b]) => span(Math.min(a, b), Math.max(a, b))),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(busy, fc.array(minute, { minLength: 2, maxLength: 20 }), (spans, times) => {
        const scale = timeScale(span(0, 500), spans);
        const places = times.sort((a, b) => a - b).map((time) => scale.position(time * MINUTE));
        for (const [index, place] of places.entries()) {
          expect(place).toBeGreaterThanOrEqual(index === 0 ? 0 : (places[index - 1] ?? 0));
          expect(place).toBeLessThanOrEqual(1);
          expect(scale.position(scale.micros(place))).toBeCloseTo(place, 6);
        }
      }),
    );
  });

  it('survives a session without time', () => {
    expect(timeScale(span(1, 1), [span(1, 1)]).position(MINUTE)).toBe(0);
  });
});
