/** The meaning of a piece of text; the terminal decides how it looks. */
export type Tone = 'dim' | 'bold' | 'bad' | 'warn' | 'good' | 'model' | 'tool' | 'text' | 'agent';

const CODES: { readonly [tone in Tone]: string } = {
  dim: '2',
  bold: '1',
  bad: '31',
  warn: '33',
  good: '32',
  model: '35',
  tool: '36',
  text: '34',
  agent: '33',
};

/** Applies a tone to text that is already printable and trimmed to size. */
export type Painter = (tone: Tone, text: string) => string;

/** A painter for a terminal, or one that leaves text unchanged. */
export function painter(color: boolean): Painter {
  if (!color) return (_tone, text) => text;
  return (tone, text) => (text === '' ? '' : `\x1b[${CODES[tone]}m${text}\x1b[0m`);
}
