import type { ReadResult } from '../agents/agent.ts';
import type { EventDraft } from '../session/event.ts';

/** What became of one source. Counts add up: parsed + ignored + unknown + broken = records seen. */
export interface SourceReport {
  readonly path: string;
  readonly agent: string;
  readonly dialect: string;
  /** `unchanged`: nothing new since the last import. `failed`: could not be read at all, see `error`. */
  status: 'read' | 'unchanged' | 'failed';
  records: number;
  parsed: number;
  ignored: number;
  unknown: number;
  broken: number;
  /** A last line without its line end that is no JSON yet; the next import takes it. */
  pending: boolean;
  /** Line numbers and reasons of the first broken records. */
  readonly brokenLines: { readonly line: number; readonly reason: string }[];
  /** Unknown shapes and how often each occurred, at most 20 different ones. */
  readonly unknownShapes: Record<string, number>;
  turns: number;
  eventsAdded: number;
  eventsKnown: number;
  copies: number;
  readonly warnings: string[];
  error?: string | undefined;
  readonly sessions: Set<string>;
  /** Root sessions of it that were pruned from the store and stay away. */
  readonly pruned: Set<string>;
}

const MAX_LISTED = 20;

export function newReport(path: string, agent: string, dialect: string): SourceReport {
  return {
    path,
    agent,
    dialect,
    status: 'read',
    records: 0,
    parsed: 0,
    ignored: 0,
    unknown: 0,
    broken: 0,
    pending: false,
    brokenLines: [],
    unknownShapes: Object.create(null) as Record<string, number>,
    turns: 0,
    eventsAdded: 0,
    eventsKnown: 0,
    copies: 0,
    warnings: [],
    sessions: new Set(),
    pruned: new Set(),
  };
}

export function countBroken(report: SourceReport, line: number, reason: string): void {
  report.records++;
  report.broken++;
  if (report.brokenLines.length < MAX_LISTED) report.brokenLines.push({ line, reason });
}

/** Counts what became of one record, and the turns in what it gave. */
export function countResult(report: SourceReport, result: ReadResult): void {
  report.records++;
  report[result.verdict]++;
  if (result.verdict === 'unknown') countUnknown(report, result.shape ?? 'unnamed');
}

function countUnknown(report: SourceReport, shape: string): void {
  const key =
    shape in report.unknownShapes || Object.keys(report.unknownShapes).length < MAX_LISTED
      ? shape
      : 'other';
  report.unknownShapes[key] = (report.unknownShapes[key] ?? 0) + 1;
}

const TURN_KINDS: ReadonlySet<string> = new Set(['turn_start', 'prompt', 'llm_response']);

export function countEvent(report: SourceReport, event: EventDraft): void {
  if (TURN_KINDS.has(event.kind)) report.turns++;
  report.sessions.add(event.rootSession ?? event.session);
}

/** Size below which a file without a turn is no surprise: an agent that was opened and closed again. */
const NOTICEABLE_BYTES = 4096;

/** A file of some size that gives no turn means that the format has changed or the file is something else. */
export function warnIfEmpty(report: SourceReport, size: number): void {
  if (report.turns > 0 || size < NOTICEABLE_BYTES || report.eventsKnown > 0 || report.copies > 0)
    return;
  const commonest = Object.entries(report.unknownShapes).sort((a, b) => b[1] - a[1])[0];
  const cause =
    commonest !== undefined
      ? `the commonest shape that is not understood is ${commonest[0]} (${commonest[1]} times): the agent may have changed its format`
      : report.broken > 0
        ? `${report.broken} of ${report.records} records cannot be read (${report.brokenLines[0]?.reason})`
        : 'its records hold no prompt and no reply (an aborted start, or only metadata)';
  report.warnings.push(`no turn found in ${size} bytes: ${cause}`);
}
