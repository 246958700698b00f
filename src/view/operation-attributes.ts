import type { Operation } from '../session/operation.ts';
import { formatCost, formatDuration } from './format.ts';
import { printable } from './terminal-text.ts';

/** Fields that the page shows elsewhere or that say nothing to a reader. */
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set([
  'id',
  'kind',
  'name',
  'parentId',
  'rootSession',
  'startMicros',
  'endMicros',
  'contents',
  'throughSeq',
  'messageRefs',
  'inputMessages',
  'outputMessages',
  'error',
  'cost',
  'files',
]);

const MOST_FILES = 50;
const LONGEST_VALUE = 2000;

/** `cacheRead5m` → `cache read 5m`; a duration in microseconds loses its unit, which its value then carries. */
function wordsOf(name: string): string {
  return name
    .replace(/Micros$/, '')
    .replaceAll(/([A-Z])/g, ' $1')
    .toLowerCase();
}

function* flatten(prefix: string, fields: object): Generator<readonly [string, string]> {
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === '' || (prefix === '' && SHOWN_ELSEWHERE.has(name)))
      continue;
    const label = `${prefix}${wordsOf(name)}`;
    if (Array.isArray(value)) {
      if (value.length > 0) yield [label, value.join(', ')];
    } else if (typeof value === 'object' && value !== null) {
      yield* flatten(`${label} · `, value);
    } else if (value === false && (name === 'clockWentBack' || name === 'unfinished')) {
      // Said only where it is so.
    } else if (name.endsWith('Micros')) {
      yield [label, formatDuration(Number(value))];
    } else {
      yield [label, String(value)];
    }
  }
}

function* special(operation: Operation): Generator<readonly [string, string]> {
  if ('error' in operation && operation.error) {
    yield ['error', operation.error.type];
    if (operation.error.message) yield ['error message', operation.error.message];
  }
  if ('cost' in operation && operation.cost) {
    const { basis, priceTable } = operation.cost;
    yield [
      'cost',
      `${formatCost(operation.cost)} (${[basis, priceTable].filter(Boolean).join(', ')})`,
    ];
  }
  if (operation.kind === 'tool_call') {
    for (const file of operation.files.slice(0, MOST_FILES))
      yield [`file ${file.action}`, file.path];
  }
}

/** Everything that is known of an operation besides its texts, as pairs of a label and a printable value. */
export function attributesOf(operation: Operation): (readonly [string, string])[] {
  return [...special(operation), ...flatten('', operation)].map(([label, value]) => [
    printable(label.slice(0, LONGEST_VALUE)),
    printable(value.slice(0, LONGEST_VALUE)),
  ]);
}
