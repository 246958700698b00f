import type { Finding } from './findings.ts';
import { type Level, STORE_CHECK_ID, type VerifyResult } from './verify-result.ts';

const MOST_SHOWN = 20;
/** Control, invisible, bidirectional and separator characters, which could alter what a terminal shows. */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The verdict as text: the first line is the verdict, the others what it does and does not mean. */
export function verdictText(result: VerifyResult, asked?: Level): string {
  const lines = [verdictLine(result, asked)];
  lines.push(...result.failures.slice(0, MOST_SHOWN).map(findingLine));
  const hidden = result.failures.length - MOST_SHOWN;
  if (hidden > 0) lines.push(`  and ${hidden} more`);
  lines.push(...countLines(result));
  lines.push(...result.warnings.map(findingLine));
  lines.push(...timeLines(result));
  if (result.level === 'consistent') lines.push(editableLine(result));
  lines.push('This does not show that every event was recorded.');
  return `${lines.join('\n')}\n`;
}

function timeLines({ verdict, trust }: VerifyResult): string[] {
  const { claimedTimes, existedBy, ledgerExistedBy, timeAuthorities } = trust;
  const unchecked =
    timeAuthorities === undefined
      ? 'its signature was not checked, because no authority was given'
      : 'no given certificate belongs to its signer, is meant for time stamps alone and was valid then';
  const lines = claimedTimes.map((time) => `A time-stamp token states ${time}; ${unchecked}.`);
  // When signed, the first line already says so.
  if (existedBy !== undefined && verdict !== 'signed')
    lines.push(
      `According to a time-stamp token of an authority you trust, this package existed by ${existedBy}.`,
    );
  if (ledgerExistedBy !== undefined) {
    lines.push(
      `According to a time-stamp token of an authority you trust, the ledger existed by ${ledgerExistedBy}; it does not cover the rest of the package.`,
    );
  }
  return lines;
}

/** What someone with write access could have changed without being detected. */
function editableLine({ packageId, trust }: VerifyResult): string {
  const editable = packageId === STORE_CHECK_ID ? 'the store' : 'this file';
  return trust.extendsCheckpoint === undefined
    ? `No signature was checked: whoever can edit ${editable} can recompute every hash.`
    : `The ledger extends the checkpoint of ${trust.extendsCheckpoint} leaves; whoever can edit ${editable} can recompute everything after those.`;
}

function verdictLine(result: VerifyResult, asked: Level | undefined): string {
  switch (result.verdict) {
    case 'consistent':
      return 'CONSISTENT \u2014 not authenticated';
    case 'signed':
      return `SIGNED by ${printable(result.trust.signedBy ?? '')}${furtherTrust(result)}`;
    case 'failed':
      return `FAILED \u2014 ${firstFailure(result)}`;
    case 'not_checked':
      return `NOT CHECKED \u2014 ${result.codes[0]}: ${printable(result.reason ?? '')}`;
    case 'not_established':
      return `NOT ESTABLISHED \u2014 asked for ${asked ?? 'signed'}, reached ${result.level} (${result.codes.join(', ')})`;
  }
}

function furtherTrust({ trust }: VerifyResult): string {
  const time = trust.existedBy === undefined ? '' : `, existed by ${trust.existedBy}`;
  const size = trust.extendsCheckpoint;
  return size === undefined ? time : `${time}, extends checkpoint ${size}`;
}

/** The first failure about an event or, without one, the first failure. */
function firstFailure({ failures }: VerifyResult): string {
  const first = failures.find(({ n }) => n !== undefined) ?? failures[0]!;
  return `${first.code}${placeOf(first)}`;
}

function findingLine(finding: Finding<string>): string {
  return `  ${finding.code}${placeOf(finding)}: ${printable(finding.detail)}`;
}

function placeOf({ session, n }: Finding<string>): string {
  if (session === undefined) return '';
  return ` at session ${printable(session)}${n === undefined ? '' : ` event ${n}`}`;
}

function countLines({ counts, packageId, packageHash, checkpoint }: VerifyResult): string[] {
  if (counts === undefined) return [];
  return [
    packageId === STORE_CHECK_ID
      ? 'The store was checked as a package of it would be, along with the columns used to find its events. Cached figures for lists and metrics were not checked.'
      : `Package ${printable(packageId ?? '')}, sha256 ${packageHash}`,
    `Recomputed: ${counted(counts.sessions, 'session')} with ${counted(counts.events, 'event')}; ${counted(counts.openSessions, 'session')} open, ${counts.importedSessions} imported.`,
    `Contents: ${counts.disclosed} enclosed, ${counts.withheld} withheld, ${counts.erased} erased.`,
    `Ledger ${printable(checkpoint?.origin ?? '')}: ${counts.ledgerLeaves} leaves; ${counted(counts.excludedSessions, 'session')} left out as stated, ${counts.deletedSessions} deleted, ${counts.unexplainedSessions} unexplained.`,
    ...(counts.recordedAnew > 0
      ? [
          `Recorded again after a deletion: ${counted(counts.recordedAnew, 'time')}; nothing links such a session to the deleted one.`,
        ]
      : []),
  ];
}

/** Text from a package, made safe for the terminal. */
function printable(text: string): string {
  const escaped = text.replaceAll(
    UNPRINTABLE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return escaped.length > 300 ? `${escaped.slice(0, 300)}…` : escaped;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
