import type { Operation, TokenUsage } from '../session/operation.ts';
import type { RootSession } from '../store/sessions.ts';
import { type Painter, painter } from '../view/color.ts';
import { formatCost, formatCount, formatDuration } from '../view/format.ts';
import { displayWidth, printable, shorten } from '../view/terminal-text.ts';
import type { CommandContext } from './command.ts';
import type { WatchedSession } from './followed-session.ts';
import type { DestinationStatus, SessionStatus, WatchStatus } from './watch-status.ts';

const REDRAW_MILLIS = 500;
const MOST_SESSIONS = 5;
const FEWEST_COLUMNS = 20;

/** Back to the start of the line and nothing after it: the cursor rests on the view's first line between two draws. */
const ERASE = '\r\u001b[J';

/** What a person sees of a watch: a few calm lines on a terminal, plain lines in a pipe. */
export interface WatchView {
  /** The context whose messages go above the view. */
  readonly context: CommandContext;
  operation(operation: Operation, session: RootSession): void;
  closed(session: WatchedSession): void;
  /** Draws at most twice a second; asks for the status only then. */
  status(status: () => WatchStatus): void;
  /** Says what was sent. */
  end(status: WatchStatus, complete: boolean): void;
  /** Leaves nothing of the view behind. */
  erase(): void;
}

export function createWatchView(given: CommandContext): WatchView {
  const { env } = given;
  const terminal = process.stderr;
  const live = terminal.isTTY === true && env['TERM'] !== 'dumb' && given.options['quiet'] !== true;
  const paint = painter((env['NO_COLOR'] ?? '') === '');
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = false;

  function erase(): void {
    if (drawn) terminal.write(ERASE);
    drawn = false;
  }

  // A second Ctrl-C ends the program at once.
  if (live) process.once('exit', erase);

  /** A message of another kind; the view comes back below it. */
  const above = (write: (line: string) => void) => (line: string) => {
    erase();
    write(line);
  };

  const context: CommandContext = { ...given, say: above(given.say), warn: above(given.warn) };
  const plain = (session: string, line: string) => {
    if (!live) context.say(`${printable(session.slice(0, 8))} ${line}`);
  };

  return {
    context,
    operation(operation, { sessionId }) {
      const line = live ? undefined : operationLine(operation);
      if (line !== undefined) plain(sessionId, line);
    },
    closed({ root, live: { totals } }) {
      plain(
        root.sessionId,
        `session ${totals.outcome} · ${[...countsOf(totals), spentOn(totals)].join(' · ')}`,
      );
    },
    status(status) {
      const now = performance.now();
      if (!live || now - drawnAt < REDRAW_MILLIS) return;
      drawnAt = now;
      const columns = Math.max(FEWEST_COLUMNS, terminal.columns ?? 80);
      // One line and one column stay free, so that neither drawing nor making the window smaller scrolls.
      const lines = viewLines(status(), paint, columns - 1).slice(
        0,
        Math.max(1, (terminal.rows ?? 24) - 1),
      );
      const back = lines.length > 1 ? `\u001b[${lines.length - 1}A` : '';
      terminal.write(`${ERASE}${lines.join('\r\n')}${back}\r`);
      drawn = true;
    },
    erase,
    end(status, complete) {
      for (const destination of status.destinations) {
        const parts = [
          `${counted(destination.accepted, 'span')} accepted`,
          ...lostParts(destination),
        ];
        if (!complete) parts.push(`${destination.waiting} waiting for the next start`);
        context.say(`${destination.name}: ${parts.join(', ')}`);
      }
    },
  };
}

type Part = readonly [tone: Parameters<Painter>[0] | undefined, text: string];

function viewLines(status: WatchStatus, paint: Painter, columns: number): string[] {
  const shown = status.sessions.slice(-MOST_SESSIONS);
  const more = status.sessions.length - shown.length;
  const lines: Part[][] = shown.map(sessionParts);
  if (shown.length === 0) lines.push([['dim', 'no session is going on']]);
  if (more > 0) lines.push([['dim', `and ${more} more ${more === 1 ? 'session' : 'sessions'}`]]);
  for (const destination of status.destinations) lines.push(destinationParts(destination));
  return lines.map((parts) => fitted(parts, paint, columns));
}

/** Parts until the line is full, tones put on after cutting. */
function fitted(parts: readonly Part[], paint: Painter, columns: number): string {
  let left = columns;
  let line = '';
  for (const [tone, text] of parts) {
    const separator = line === '' ? '' : '  ';
    const part = shorten(text, left - separator.length);
    if (part === '') break;
    left -= separator.length + displayWidth(part);
    line += separator + (tone === undefined ? part : paint(tone, part));
  }
  return line;
}

function sessionParts({ sessionId, totals, open }: SessionStatus): Part[] {
  const running = open.filter((operation) => operation.kind === 'tool_call' && !operation.complete);
  const newest = (running.length > 0 ? running : open.filter(({ complete }) => !complete)).at(-1);
  return [
    ['bold', printable(sessionId.slice(0, 8))],
    newest === undefined ? ['dim', 'at rest'] : ['tool', currentText(newest, running.length - 1)],
    [undefined, countsOf(totals).join(' · ')],
    ['dim', spentOn(totals)],
  ];
}

const KIND_NAMES: Readonly<Record<string, string>> = { llm_call: 'model call', turn: 'turn' };

function currentText(
  { kind, name, startedAtMicros }: SessionStatus['open'][number],
  others: number,
): string {
  const what = name === undefined ? (KIND_NAMES[kind] ?? kind) : name;
  const running = formatDuration(
    Math.max(0, Math.floor(Date.now() / 1000 - startedAtMicros / 1e6) * 1e6),
  );
  return `${printable(what)} ${running}${others > 0 ? ` (+${others})` : ''}`;
}

function countsOf(totals: SessionStatus['totals']): string[] {
  const failed = totals.toolErrors > 0 ? ` (${totals.toolErrors} failed)` : '';
  return [
    counted(totals.turns, 'turn'),
    `${counted(totals.toolCalls, 'tool call')}${failed}`,
    counted(totals.llmCalls, 'model call'),
  ];
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function spentOn({ usage, cost }: Pick<SessionStatus['totals'], 'usage' | 'cost'>): string {
  return `${tokensOf(usage)} · ${formatCost(cost)}`;
}

function tokensOf(usage: TokenUsage | undefined): string {
  if (usage?.input === undefined && usage?.output === undefined) return '– tokens';
  return `${formatCount((usage.input ?? 0) + (usage.output ?? 0))} tokens`;
}

function lostParts({ rejected, refused }: DestinationStatus): string[] {
  return [
    ...(rejected > 0 ? [`${formatCount(rejected)} rejected by the server`] : []),
    ...(refused > 0 ? [`${formatCount(refused)} refused`] : []),
  ];
}

function destinationParts(destination: DestinationStatus): Part[] {
  const { name, accepted, waiting, failures, blocked } = destination;
  const parts: Part[] = [
    ['dim', printable(name)],
    [undefined, `${counted(accepted, 'span')} sent · ${formatCount(waiting)} waiting`],
  ];
  for (const lost of lostParts(destination)) parts.push(['warn', lost]);
  if (failures > 0) parts.push(['warn', counted(failures, 'failure')]);
  if (blocked !== undefined) parts.push(['bad', `stopped: ${printable(blocked)}`]);
  return parts;
}

function operationLine(operation: Operation): string | undefined {
  const took = formatDuration(operation.endMicros - operation.startMicros);
  switch (operation.kind) {
    case 'tool_call':
      return `tool ${printable(operation.name)} ${operation.outcome} ${took}`;
    case 'llm_call': {
      const spent = operation.usage === undefined ? '' : ` · ${spentOn(operation)}`;
      return `llm ${printable(operation.responseModel ?? operation.requestModel ?? 'unknown')} ${took}${spent}`;
    }
    case 'turn':
      return `turn ${operation.index} ${operation.outcome} ${took}`;
    case 'subagent':
      return `subagent ${printable(operation.agentType ?? operation.agentId)} ${took}`;
    default:
      return undefined;
  }
}
