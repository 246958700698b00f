import { basename } from 'node:path';
import type { TimeBasis } from '../../session/event.ts';
import { type JsonObject, textOf } from '../json-values.ts';
import { microsOfIso } from '../timestamps.ts';
import { idOf } from './json-value.ts';

/** One record of a transcript, with the parts that all kinds of records share. */
export interface Line {
  readonly record: JsonObject;
  /** The exact text it came from. */
  readonly text: string;
  /** `type` as written, else the message's role; empty if there is neither. */
  readonly type: string;
  readonly uuid: string | undefined;
  /** Empty for the main agent, else the subagent's id. */
  readonly lane: string;
  readonly atMicros: number;
  readonly timeBasis: TimeBasis;
  /** Position and time in the file; the same for a line that is written again verbatim. */
  readonly place: () => string;
}

/** Types of the lines that carry folder and version; metadata lines do not. */
export const CONVERSATION: ReadonlySet<string> = new Set([
  'user',
  'assistant',
  'system',
  'attachment',
  'progress',
]);

/** In place of the model's name in a message that the client wrote. */
export const SYNTHETIC = '<synthetic>';

const EARLIEST_MICROS = 946_684_800_000_000; // 2000-01-01
const LATEST_MICROS = 7_258_118_400_000_000; // 2200-01-01

/**
 * Whole microseconds of an ISO text or of a number of seconds, milliseconds or microseconds; a time without a zone is
 * UTC.
 */
export function microsOf(value: unknown): number | undefined {
  const micros = typeof value === 'number' ? microsOfNumber(value) : microsOfIso(value);
  if (micros === undefined || !(micros >= EARLIEST_MICROS && micros < LATEST_MICROS)) {
    return undefined;
  }
  return micros;
}

function microsOfNumber(value: number): number {
  if (value >= 1e14) return Math.round(value);
  return Math.round(value >= 1e11 ? value * 1e3 : value * 1e6);
}

/** A transcript's file name without its ending. */
export function stemOf(path: string): string {
  return basename(path).replace(/\.jsonl$/i, '');
}

/** A stable id of the line: its uuid, or its place if it has none. */
export function lineId(line: Line): string {
  return line.uuid ?? placeId(line);
}

/** A stable id from the line's place alone; one made from its text would confirm a guess of it. */
export function placeId(line: Line): string {
  return `L${line.lane}/${line.place()}`;
}

/**
 * Key that identifies copies of the line in other sessions: forks and resumes keep uuid and time. The time
 * distinguishes short hand-made ids of unrelated recordings.
 */
export function lineOwnKey(line: Line): string | undefined {
  if (line.uuid === undefined) return undefined;
  return `claude:line:${line.uuid}@${textOf(line.record.timestamp) ?? ''}`;
}

/** `type` as written, else the role of the message. */
export function typeOf(record: JsonObject): string {
  const type = textOf(record.type);
  if (type !== undefined) return type;
  const message = record.message;
  if (typeof message !== 'object' || message === null) return '';
  return idOf((message as JsonObject).role) ?? '';
}
