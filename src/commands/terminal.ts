import type { CommandContext } from './command.ts';

const PIPE_COLUMNS = 100;

/** Width and colour of the output: the terminal's; in a pipe `COLUMNS` or a fixed width, and no colour. `NO_COLOR` is honoured. */
export function terminalOf(context: CommandContext): { columns: number; color: boolean } {
  const width = context.options['width'];
  const columns =
    typeof width === 'number'
      ? width
      : (process.stdout.columns ?? Number(context.env['COLUMNS'] ?? PIPE_COLUMNS));
  const forced = context.env['FORCE_COLOR'];
  const plain = (context.env['NO_COLOR'] ?? '') !== '' || context.env['TERM'] === 'dumb';
  const color =
    forced !== undefined && forced !== '' && forced !== '0'
      ? true
      : process.stdout.isTTY === true && !plain;
  return { columns: Number.isFinite(columns) && columns > 0 ? columns : PIPE_COLUMNS, color };
}
