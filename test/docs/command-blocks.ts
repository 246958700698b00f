import { allPages, readPage } from './pages.ts';

/** Commands that stand together in a page. */
export interface CommandBlock {
  readonly page: string;
  readonly line: number;
  readonly commands: readonly string[];
  /** Why the block is not run, as its mark says; undefined for one that is. */
  readonly mark: string | undefined;
  /** Its commands go on until they are stopped by a person. */
  readonly untilStopped: boolean;
}

const FENCE = /^( *)(`{3,})(.*)$/;
const SHELLS = new Set(['sh', 'bash', 'shell']);
const PROGRAM = /^(?:\w+=\S* )*(?:eval "\$\()?(?:agent-strace|node dist\/cli\.cjs)(?: |$)/;
const COMMENT_MARK = /<!-- not run: (.+?) -->/;

/** True for a line that runs the program. */
export function runsProgram(command: string): boolean {
  return PROGRAM.test(command);
}

/**
 * Blocks with commands: fenced ones whose language is a shell, and indented ones with a line that runs the
 * program. `until-stopped` after the language says that a command goes on. A block is left out by `not-run: why` after the language, or by `<!-- not run: why -->` on the
 * line before it.
 */
export function commandBlocks(page: string, text = readPage(page)): CommandBlock[] {
  const lines = text.split('\n');
  const blocks: CommandBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fence = FENCE.exec(lines[at]!);
    if (fence !== null) {
      const end = lines.findIndex((line, n) => n > at && line.trim() === fence[2]);
      const [language = '', ...rest] = fence[3]!.trim().split(' ');
      if (SHELLS.has(language)) {
        const mark = /not-run: (.+)/.exec(rest.join(' '))?.[1] ?? markBefore(lines, at);
        const commands = joined(lines.slice(at + 1, end));
        blocks.push({
          page,
          line: at + 1,
          commands,
          mark,
          untilStopped: rest.includes('until-stopped'),
        });
      }
      at = end === -1 ? lines.length : end;
    } else if (lines[at]!.startsWith('    ') && (lines[at - 1] ?? '').trim() === '') {
      const found = lines.findIndex((line, n) => n > at && !line.startsWith('    '));
      const end = found === -1 ? lines.length : found;
      const commands = joined(lines.slice(at, end)).filter(runsProgram);
      if (commands.length > 0)
        blocks.push({
          page,
          line: at + 1,
          commands,
          mark: markBefore(lines, at),
          untilStopped: false,
        });
      at = end - 1;
    }
  }
  return blocks;
}

function markBefore(lines: readonly string[], at: number): string | undefined {
  const before = lines
    .slice(Math.max(0, at - 2), at)
    .reverse()
    .find((line) => line.trim() !== '');
  return COMMENT_MARK.exec(before ?? '')?.[1];
}

/** Commands without indentation, comment lines and line breaks that a backslash escapes. */
function joined(lines: readonly string[]): string[] {
  const commands: string[] = [];
  let open = '';
  for (const line of lines) {
    const text = open + line.trim();
    if (text.endsWith('\\')) {
      open = text.slice(0, -1);
      continue;
    }
    open = '';
    if (text !== '' && !text.startsWith('#')) commands.push(text);
  }
  return commands;
}

/** Files that a page shows and its commands use: fenced blocks with `file=NAME` after the language. */
export function shownFiles(page: string): { readonly name: string; readonly text: string }[] {
  const blocks = readPage(page).matchAll(/^```\w+ file=([\w.-]+)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, name, text]) => ({ name: name!, text: text! }));
}

/** Every block of every page. */
export function allCommandBlocks(): CommandBlock[] {
  return allPages().flatMap((page) => commandBlocks(page));
}
