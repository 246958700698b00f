import { expect, test } from 'vitest';
import { asked, at, event, gave, item, meta, part, toolCalls } from './rollout-lines.ts';

const micros = (second: number) => Date.parse(at(second)) * 1000;
const timesOf = (lines: readonly object[]) =>
  toolCalls(lines).map(({ callId, startMicros, endMicros }) => [
    callId,
    startMicros - micros(0),
    endMicros - micros(0),
  ]);

const REQUESTS = [asked(2, 'c1', 'exec_command'), asked(2, 'c2', 'exec_command')];
// The outputs of calls that ran together are written when the last of them is over.
const OUTPUTS = [
  gave(33, 'c1', 'Wall time: 0.1 seconds\nProcess exited with code 0\nOutput:\nfour geese'),
  gave(33, 'c2', 'Wall time: 29.8 seconds\nProcess exited with code 0\nOutput:\nthree ducks'),
];
const OWN_TIMES = [
  ['c1', 2_250_000, 2_300_000],
  ['c2', 2_250_000, 32_000_000],
];
const command = (id: string, more: object = {}) => ({
  type: 'CommandExecution',
  id,
  command: ['count'],
  status: 'completed',
  exit_code: 0,
  ...more,
});
const timed = (second: number, value: object) =>
  item(second, value, { started_at_ms: Date.parse(at(2.25)) });

test.each([
  [
    'items with a duration',
    timed(2.3, command('c1', { duration: { secs: 0, nanos: 50_000_000 } })),
    timed(32, command('c2', { duration: { secs: 29, nanos: 750_000_000 } })),
  ],
  [
    'items with a start and an end alone',
    timed(2.3, command('c1')),
    timed(32, command('c2', { exit_code: 1, status: 'failed' })),
  ],
  [
    'end events',
    event(2.3, 'exec_command_end', { call_id: 'c1', exit_code: 0, duration: 50 }),
    event(32, 'exec_command_end', { call_id: 'c2', exit_code: 0, duration: 29_750 }),
  ],
])('calls that ran together have times of their own: %s', (_what, first, second) => {
  expect(timesOf([meta(), ...REQUESTS, first, second, ...OUTPUTS])).toEqual(OWN_TIMES);
});

test('a command that goes on after its output ends when its record says', () => {
  const running = gave(12, 'c1', 'Wall time: 10.0 seconds\nProcess running with session ID 7\n');
  expect(timesOf([meta(), REQUESTS[0]!, running, timed(32, command('c1'))])).toEqual([
    ['c1', 2_250_000, 32_000_000],
  ]);
});

test('a search that the provider ran ends when its record says', () => {
  const searched = item(4, { type: 'WebSearch', id: 's1', query: 'geese' });
  const call = part(6, 'web_search_call', { id: 's1', status: 'completed' });
  expect(timesOf([meta(), searched, call])).toEqual([['s1', 4_000_000, 4_000_000]]);
});

test('a call whose end nothing else tells is over with its output', () => {
  expect(timesOf([meta(), REQUESTS[0]!, gave(5, 'c1', 'four geese')])).toEqual([
    ['c1', 2_000_000, 5_000_000],
  ]);
});
