import type { Places } from '../../agents/places.ts';
import type { ExamineFailure } from '../../ingest/examine-source.ts';
import { formatBytes } from '../../view/format.ts';
import { shortPath } from '../output/short-path.ts';
import { agentFigures } from './agent-figures.ts';
import { type ExaminedAgent, type ExaminedFile, LIMITS } from './examine.ts';
import { ago, bad, type Chapter, count, type Finding, isoOf, note, ok, warn } from './finding.ts';
import type { FoundHooks } from './hooks.ts';
import { type DialectSums, dialectSums, newestOf, shapesOf, understoodShare } from './sums.ts';

const MOST_NAMED = 3;
const REPORT_IT = 'report it with what "agent-strace doctor --json" prints (no content in it)';

/** The findings about one agent, and whether its recordings can be read. */
export function agentChapter(
  found: ExaminedAgent,
  hooks: FoundHooks,
  where: Places,
  nowMicros: number,
): Chapter {
  const figures = agentFigures(found, hooks, where);
  const { agent, places } = found;
  const title = `${agent.name}: ${agent.summary}`;
  const show = (path: string) => shortPath(path, where.home);
  if (places.every(({ exists }) => !exists)) {
    const looked = places.map(({ path }) => show(path)).join(', ');
    // Do not suggest setting up an agent that is not used.
    const told = hooks.state === 'not installed' ? [] : hookFindings(found, hooks, show);
    return { title, findings: [note(`nothing there: ${looked}`), ...told], figures };
  }
  const findings = [
    ...placeFindings(found, show),
    ...readingFindings(found),
    ...troubleFindings(found, show),
    ...newestFinding(found, nowMicros),
    ...hookFindings(found, hooks, show),
  ];
  return { title, findings, figures };
}

type Show = (path: string) => string;

function* placeFindings({ places, refused }: ExaminedAgent, show: Show): Generator<Finding> {
  for (const { path, files } of places.filter(({ exists }) => exists)) {
    if (files > 0) yield ok(`${show(path)}: ${count(files, 'file')}`);
    else yield warn(`${show(path)}: no recording in it; is this where the agent runs?`);
  }
  const absent = places.filter(({ exists }) => !exists).map(({ path }) => show(path));
  if (absent.length > 0) yield note(`not there: ${absent.join(', ')}`);
  for (const { path, reason } of refused)
    yield bad(`${show(path)}: ${reason}; give yourself permission to read it`);
}

function* readingFindings(found: ExaminedAgent): Generator<Finding> {
  const { examined, places } = found;
  const files = places.reduce((total, place) => total + place.files, 0);
  if (files === 0) return;
  const cut = examined.some(({ examination }) => examination.cut);
  const limit = cut ? ` (the first ${formatBytes(LIMITS.fileBytes)} of each)` : '';
  const which = examined.length < files ? 'the newest ' : '';
  yield note(
    `checked ${which}${examined.length} of ${count(files, 'file')}${limit}; nothing was stored`,
  );
  for (const sums of dialectSums(examined)) yield dialectFinding(sums);
  const shapes = shapesOf(examined);
  if (shapes.length > 0) {
    const named = shapes.slice(0, 5).map(([shape, times]) => `${shape} (${times})`);
    yield warn(
      `not understood, kept as it is: ${named.join(', ')}; if its traces lack something, ${REPORT_IT}`,
    );
  }
}

function dialectFinding(sums: DialectSums): Finding {
  const { dialect, versions, files, records, turns, broken } = sums;
  const noun = versions.length === 1 ? 'version' : 'versions';
  const version = versions.length === 0 ? '' : `, ${noun} ${versions.join(', ')}`;
  const share = understoodShare(sums);
  const text =
    `${dialect}${version}: ${count(files, 'file')}, ${count(records, 'record')}, ` +
    `${share === undefined ? '' : `${share} % understood, `}${count(turns, 'turn')}` +
    (broken > 0 ? `, ${broken} broken` : '');
  const speaks = sums.filesWithoutTurns < files || sums.documents === files;
  return speaks && broken === 0 && (share ?? 100) >= 90 ? ok(text) : warn(text);
}

function* troubleFindings(found: ExaminedAgent, show: Show): Generator<Finding> {
  const { examined, strangers, empty } = found;
  if (empty > 0) yield note(`${count(empty, 'empty file')}`);
  const failed = examined.filter(({ examination }) => examination.failure !== undefined);
  for (const { file, examination } of failed.slice(0, MOST_NAMED)) {
    const advice = ADVICE[examination.failure!];
    const text = `${show(file.path)}: ${examination.failure}${advice}`;
    yield markOf(examination.failure!, found)(text);
  }
  const silent = withoutTurns(found);
  if (silent.length > 0) yield bad(silentText(silent, show));
  const quiet = examined.filter((one) => isQuiet(one) && !silent.includes(one));
  if (quiet.length > 0)
    yield note(
      `${count(quiet.length, 'file')} without a turn, all records understood: aborted starts or metadata only`,
    );
  if (strangers.length === 0) return;
  const text =
    `${count(strangers.length, 'file')} named like recordings, with unknown contents, such as ` +
    `${show(strangers[0]!.path)}`;
  yield isAlarming(found)
    ? bad(`${text}; the agent may have changed its format: update agent-strace, or ${REPORT_IT}`)
    : note(text);
}

const ADVICE = {
  locked: ' by another program; try again when that program is idle',
  'changed format': `; update agent-strace, or ${REPORT_IT}`,
  'undocumented format': '; nothing in it can be read, and this session is recorded nowhere else',
  'not valid JSON': '; truncated while it was written, or damaged',
  damaged: '; restore it from a backup',
  'permission denied': '; give yourself permission to read it',
  'cannot be read': '; its disk or network may be at fault',
  'nested too deeply': '; the import leaves it out',
  'its reader failed': `; update agent-strace, or ${REPORT_IT}`,
  'too large to check here': '; the import reads it',
} as const;

/** One damaged document among many is a minor loss; a source that cannot be read at all is why nothing is seen. */
function markOf(failure: ExamineFailure, { examined }: ExaminedAgent): (text: string) => Finding {
  if (failure === 'too large to check here') return note;
  const isOneOfMany =
    failure === 'not valid JSON' &&
    examined.some(({ examination }) => examination.report.conversationFacts > 0);
  return isOneOfMany ? warn : bad;
}

function isQuiet({ source, examination: { report, failure } }: ExaminedFile): boolean {
  return (
    source.detection.container !== 'document' &&
    failure === undefined &&
    report.conversationFacts === 0
  );
}

/** Files whose silence needs an explanation: they are not fully understood, or no file of the agent has any turn. */
export function withoutTurns({ examined }: ExaminedAgent): ExaminedFile[] {
  const none = examined.every(({ examination }) => examination.report.conversationFacts === 0);
  return examined.filter((one) => {
    const { report, failure } = one.examination;
    if (failure !== undefined || report.conversationFacts > 0 || report.records === 0) return false;
    return none || (isQuiet(one) && report.unknown + report.broken > 0);
  });
}

function silentText(silent: readonly ExaminedFile[], show: Show): string {
  const paths = silent.slice(0, MOST_NAMED).map(({ file }) => show(file.path));
  const more = silent.length > paths.length ? ` and ${silent.length - paths.length} more` : '';
  const shape = shapesOf(silent)[0]?.[0];
  const cause =
    shape === undefined
      ? 'only metadata in them: say something to the agent and look again'
      : `the most common shape not understood is ${shape}: the agent may have changed its format; update agent-strace, or ${REPORT_IT}`;
  return `${count(silent.length, 'file')} without a turn: ${paths.join(', ')}${more}; ${cause}`;
}

/** Unknown contents mean a change of format if nothing newer is understood. */
export function isAlarming({ examined, strangers }: ExaminedAgent): boolean {
  const read = examined.filter(({ examination }) => examination.report.conversationFacts > 0);
  const newest = Math.max(0, ...read.map(({ file }) => file.changedMillis));
  return strangers.some(
    ({ path, size, changedMillis }) =>
      (!path.endsWith('.json') || (size >= 4096 && read.length === 0)) && changedMillis > newest,
  );
}

function* newestFinding({ examined }: ExaminedAgent, nowMicros: number): Generator<Finding> {
  const newest = newestOf(examined);
  const time = isoOf(newest);
  if (newest !== undefined && time !== undefined)
    yield ok(`newest record ${time} (${ago(newest, nowMicros)})`);
}

function* hookFindings(
  { agent }: ExaminedAgent,
  hooks: FoundHooks,
  show: Show,
): Generator<Finding> {
  const file = hooks.file === undefined ? '' : show(hooks.file);
  if (hooks.state === 'installed') yield ok(`hooks are in ${file}`);
  if (hooks.state === 'not understood')
    yield warn(`${file} cannot be understood; does it contain hooks?`);
  if (hooks.state === 'not installed')
    yield note(
      `no hooks in ${file}; "agent-strace setup --agent ${agent.name}" adds exact times and permissions`,
    );
}
