import { expect, it } from 'vitest';
import { busyColumns } from '../../src/view/app/minimap-columns.ts';
import type { Row } from '../../src/view/app/row.ts';
import { timeScale } from '../../src/view/time-scale.ts';

it('the overview shows an instant at the very end of the session', () => {
  const scale = timeScale({ startMicros: 0, endMicros: 10 }, []);
  const response = { kind: 'response', startMicros: 10, endMicros: 10 } as Row;
  const [, , , messages] = busyColumns([response], scale, 4);
  expect([...(messages?.busy ?? [])]).toEqual([0, 0, 0, 1]);
});
