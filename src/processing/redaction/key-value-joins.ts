/** Colours of terminals, as they are or escaped. */
const COLOUR = String.raw`(?:(?:\u001b|\\u001b|\\x1b|\\033|\\e)\[[0-9;]{0,16}m){0,2}`;
/** Closing quotes or brackets of the key, then what joins it with its value. */
const SIGN = new RegExp(
  String.raw`${COLOUR}(?:\\{0,64}["'\x60]\]?|\])?${COLOUR}[ \t]{0,8}(?:=>|:=|={1,3}|:)[ \t]{0,8}${COLOUR}(?:[bruf]{1,2}(?=["']))?`,
  'iy',
);
const COLOURS = new RegExp(COLOUR.replace('{0,2}', ''), 'g');
/** Blanks, the end of a line that goes on, or what stands between the words of a list. */
const FLAG =
  /(?:[ \t]{0,4}\\\r?\n[ \t]{0,16}|[ \t]{1,4})(?!-)|\\{0,64}["'],[ \t]{0,4}(?=\\{0,64}["'][^-])/y;
const IS = / is:? {1,4}/y;
const CELL = /[ \t]{0,32}\|[ \t]{0,8}/y;

interface Join {
  /** What stands before the key, at most 40 characters of it. */
  readonly before: RegExp;
  readonly between: RegExp;
}

/** Places in which key and value are joined by more than a sign. */
const JOINS: readonly Join[] = [
  // set -x API_TOKEN value; aws configure set aws_secret_access_key value; gh secret set NAME --body value
  {
    before: /\bset(?:x|env)?(?: -{1,2}[\w-]{1,12}){0,3} $/i,
    between: /[ \t]{1,4}(?:--(?:body|value)[ =]|-[bv] )?(?!-)/y,
  },
  // setenv("API_TOKEN", "value"), headers.set('x-api-key', 'value')
  {
    before: /(?:set|env|put|append|add|header)\w{0,16}\(\s{0,4}\\{0,4}["'`]$/i,
    between: /\\{0,4}["'`],\s{0,8}/y,
  },
  // {"name": "API_TOKEN", "value": "…"}, key="ApiKey" value="…", - name: API_TOKEN⏎  value: …
  {
    before: /(?:name|key)\\{0,64}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,64}["']?$/i,
    between:
      /\\{0,64}["']?,?[ \t]{0,8}(?:\r?\n|\\n)?[ \t]{0,16}\\{0,64}["']?value\\{0,64}["']?[ \t]{0,8}[:=][ \t]{0,8}/iy,
  },
];

export const JOIN_SOURCE = `v1 ${SIGN.source} ${JOINS.map(({ before, between }) => before.source + between.source)}`;

function stick(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** Where a value begins and how its key announces it. */
export interface ValuePlace {
  readonly at: number;
  /** `=`, ` = `, `: `, or blanks behind a flag; colours are left out. */
  readonly join: string;
  /** `loose`: words of prose stand there as well, so the value has to look like nothing else. */
  readonly kind: 'sign' | 'element' | 'loose';
}

/** The place of the value that belongs to the key at `keyStart` to `keyEnd`; undefined where none follows. */
export function placeOfValue(
  text: string,
  keyStart: number,
  keyEnd: number,
  password: boolean,
): ValuePlace | undefined {
  const signed = stick(SIGN, text, keyEnd);
  if (signed >= 0)
    return { at: signed, join: text.slice(keyEnd, signed).replace(COLOURS, ''), kind: 'sign' };
  if (text[keyEnd] === '>' && text[keyStart - 1] === '<')
    return { at: keyEnd + 1, join: '>', kind: 'element' };
  if (text.startsWith('--', keyStart)) {
    const at = stick(FLAG, text, keyEnd);
    if (at >= 0) return { at, join: text.slice(keyEnd, at), kind: 'sign' };
  }
  const before = text.slice(Math.max(0, keyStart - 40), keyStart);
  for (const join of JOINS) {
    if (!join.before.test(before)) continue;
    const at = stick(join.between, text, keyEnd);
    if (at >= 0) return { at, join: ' = ', kind: 'sign' };
  }
  const loose = stick(password ? IS : CELL, text, keyEnd);
  return loose < 0 ? undefined : { at: loose, join: ' ', kind: 'loose' };
}
