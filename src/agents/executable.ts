import { listOf } from './json-values.ts';

const SHELLS = new Set(['bash', 'sh', 'zsh', 'fish', 'dash', 'pwsh', 'powershell', 'cmd']);

/** The program that a command runs, without its path; looks inside `bash -lc "…"`. */
export function executableOf(command: unknown): string | undefined {
  if (typeof command === 'string') return firstWord(command);
  const words = listOf(command).filter((word): word is string => typeof word === 'string');
  const program = firstWord(words[0] ?? '');
  if (program === undefined) return undefined;
  const script = words.length > 2 && SHELLS.has(program) ? words.at(-1) : undefined;
  return script === undefined ? program : (firstWord(script) ?? program);
}

function firstWord(text: string): string | undefined {
  const word = /^\s*(?:[A-Za-z_]\w{0,60}=[^\s'"]{0,200}\s+){0,10}([^\s;|&<>()'"]{1,200})/.exec(
    text.slice(0, 4000),
  )?.[1];
  return word?.replace(/^.*[/\\]/, '') || undefined;
}
