import { expect, it } from 'vitest';
import { inBulk } from '../../src/store/bulk-writing.ts';
import { withoutSync } from '../../src/store/without-sync.ts';
import { temporaryStore } from '../support/temporary-store.ts';

const FULL = 2;
const NORMAL = 1;

it('a write without sync leaves the settings of the bulk write around it as they were', () => {
  const store = temporaryStore();
  const synchronous = () => store.database.pragma('synchronous', { simple: true });
  expect(synchronous()).toBe(FULL);
  withoutSync(store, () => expect(synchronous()).toBe(NORMAL));
  expect(synchronous()).toBe(FULL);
  inBulk(store, () => {
    withoutSync(store, () => expect(synchronous()).toBe(NORMAL));
    expect(synchronous()).toBe(NORMAL);
  });
  expect(synchronous()).toBe(FULL);
  store.close();
});
