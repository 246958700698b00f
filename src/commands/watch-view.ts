import type { Operation } from '../session/operation.ts';
import { formatDuration } from '../view/format.ts';
import { printable } from '../view/terminal-text.ts';
import type { CommandContext } from './command.ts';
import type { WatchStatus } from './watch-loop.ts';

const REDRAW_MILLIS = 500;

/** What a person sees of a watch: a calm status line on a terminal, plain lines in a pipe. */
export function createWatchView(context: CommandContext) {
  const quiet = context.options['quiet'] === true;
  const live = process.stderr.isTTY === true && !quiet;
  let drawnAt = 0;
  return {
    operation(operation: Operation, trace: { readonly sessionId: string }): void {
      const line = operationLine(operation);
      if (line === undefined) return;
      if (live) process.stderr.write('\r\u001b[K');
      context.say(`${printable(trace.sessionId.slice(0, 8))} ${line}`);
    },
    status(status: WatchStatus): void {
      const now = performance.now();
      if (!live || now - drawnAt < REDRAW_MILLIS) return;
      drawnAt = now;
      process.stderr.write(`\r${statusLine(status)}\u001b[K`);
    },
    end(status: WatchStatus, complete: boolean): void {
      if (live) process.stderr.write('\r\u001b[K');
      for (const destination of status.destinations) {
        const left = complete ? '' : `, ${destination.waiting} waiting for the next start`;
        context.say(`${destination.name}: ${destination.accepted} spans accepted${left}`);
      }
    },
  };
}

function statusLine(status: WatchStatus): string {
  const sent = status.destinations.map((destination) => {
    const trouble = destination.blocked === undefined ? '' : ` stopped: ${printable(destination.blocked)}`;
    return `${destination.accepted} sent, ${destination.waiting} waiting, ${destination.failures} failures${trouble}`;
  });
  const running = status.open.filter((operation) => operation.kind === 'tool_call').length;
  return [`${status.sessions} sessions`, `${running} calls open`, ...sent].join(' · ');
}

function operationLine(operation: Operation): string | undefined {
  const took = formatDuration(operation.endMicros - operation.startMicros);
  switch (operation.kind) {
    case 'tool_call':
      return `tool ${printable(operation.name)} ${operation.outcome} ${took}`;
    case 'llm_call':
      return `llm ${printable(operation.responseModel ?? operation.requestModel ?? 'unknown')} ${took}`;
    case 'turn':
      return `turn ${operation.index} ${operation.outcome} ${took}`;
    case 'subagent':
      return `subagent ${printable(operation.agentType ?? operation.agentId)} ${took}`;
    default:
      return undefined;
  }
}
