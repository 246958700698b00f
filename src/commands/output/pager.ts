import type { CommandContext } from '../command.ts';
import { isTerminal } from './terminal.ts';

/** Writes lines through `$PAGER` if the output is a terminal, otherwise straight to stdout. */
export async function paged(context: CommandContext, lines: Iterable<string>): Promise<void> {
  if (isTerminal() && context.options['pager'] !== false) {
    const { pageThrough } = await import('./pager-process.ts');
    // From here on signals are caught: Ctrl-C is for the pager, which would otherwise lose its parent.
    if (context.signal.aborted) return;
    if (await pageThrough(context.env, lines)) return;
  }
  for (const line of lines) context.write(line);
}
