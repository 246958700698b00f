import type { Operation } from '../session/operation.ts';
import { formatCost, formatDuration } from './format.ts';
import { beginning, printable } from './terminal-text.ts';

/** Fields that the page shows elsewhere or that are of no interest to a reader. */
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

/** Tokens that are shown in the row itself. */
const IN_THE_ROW: ReadonlySet<string> = new Set([
  'usage · input',
  'usage · output',
  'usage · cache read',
]);

const MOST_FILES = 50;
const LONGEST_VALUE = 2000;

type Attribute = readonly [label: string, value: string];
type Add = (label: string, value: string) => void;

/** Field names recur with every operation, but a recording may invent any number of them. */
const MOST_KNOWN_WORDS = 1000;
const knownWords = new Map<string, string>();

/** `cacheRead5m` → `cache read 5m`; a duration in microseconds loses its unit, which is shown with the value. */
function wordsOf(name: string): string {
  const known = knownWords.get(name);
  if (known !== undefined) return known;
  const words = name
    .replace(/Micros$/, '')
    .replaceAll(/([A-Z])/g, ' $1')
    .toLowerCase();
  if (knownWords.size < MOST_KNOWN_WORDS) knownWords.set(name, words);
  return words;
}

/** Whether a field adds nothing to what the page shows elsewhere. */
function goesWithoutSaying(name: string, value: unknown, session: string): boolean {
  if (SHOWN_ELSEWHERE.has(name)) return true;
  if (name === 'session') return value === session;
  return value === false && (name === 'clockWentBack' || name === 'unfinished');
}

function addField(prefix: string, name: string, value: unknown, add: Add): void {
  if (value === undefined || value === '') return;
  const label = prefix + wordsOf(name);
  if (IN_THE_ROW.has(label)) return;
  if (Array.isArray(value)) {
    if (value.length > 0) add(label, value.join(', '));
  } else if (typeof value === 'object' && value !== null) {
    for (const [part, inner] of Object.entries(value)) addField(`${label} · `, part, inner, add);
  } else {
    add(label, name.endsWith('Micros') ? formatDuration(Number(value)) : String(value));
  }
}

function cutPrintable(text: string): string {
  const kept = beginning(text, LONGEST_VALUE);
  return kept === text ? printable(text) : `${printable(kept)}…`;
}

function addSpecial(operation: Operation, add: Add): void {
  if ('error' in operation && operation.error) {
    add('error', operation.error.type);
    if (operation.error.message) add('error message', operation.error.message);
  }
  if ('cost' in operation && operation.cost) {
    const { basis, priceTable } = operation.cost;
    add(
      'cost',
      `${formatCost(operation.cost)} (${[basis, priceTable].filter(Boolean).join(', ')})`,
    );
  }
  if (operation.kind === 'tool_call') {
    for (const file of operation.files.slice(0, MOST_FILES)) add(`file ${file.action}`, file.path);
  }
}

/**
 * Everything known about an operation besides its texts, as pairs of a label and a printable value. `session` is the
 * id that need not be repeated.
 */
export function attributesOf(operation: Operation, session: string): Attribute[] {
  const attributes: Attribute[] = [];
  const add: Add = (label, value) => {
    attributes.push([cutPrintable(label), cutPrintable(value)]);
  };
  addSpecial(operation, add);
  for (const [name, value] of Object.entries(operation)) {
    if (!goesWithoutSaying(name, value, session)) addField('', name, value, add);
  }
  return attributes;
}
