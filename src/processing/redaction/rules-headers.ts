import { bitsPerCharacter } from './entropy.ts';
import { type Accept, patternRule, type RedactionRule, type Span } from './rule.ts';

const PEM_CLASS = /(?:[A-Za-z0-9+/=,:.@()\s-]|\\[nr]|\\{1,4}[nr])*/y;
const PEM_LIMIT = 65_536;

/** A private key block with its armour; without an end line, as far as key material reaches. */
function privateKeyBlock(text: string, at: number): Span | null {
  const head = /^-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/.exec(
    text.slice(at, at + 100),
  );
  if (head === null) return null;
  const body = at + head[0].length;
  const window = text.slice(body, body + PEM_LIMIT);
  const tail = /-----END [A-Z0-9 ]{0,60}KEY(?: BLOCK)?-----/.exec(window);
  const begin = window.indexOf('-----BEGIN ');
  if (tail !== null && (begin < 0 || begin > tail.index)) {
    return { start: at, end: body + tail.index + tail[0].length };
  }
  PEM_CLASS.lastIndex = 0;
  const length = PEM_CLASS.exec(begin < 0 ? window : window.slice(0, begin))?.[0].length ?? 0;
  return { start: at, end: body + length };
}

/** `scheme://user:password@host`: only the password. A lone user name that is a token is found by its format. */
function urlPassword(text: string, at: number): Span | null {
  const match =
    /^:\\?\/\\?\/([^\s/@:"'`<>\\?#]{0,128}):([^\s/"'`<>\\?#]{1,512})@(?=[\w[.%{$-])/.exec(
      text.slice(at, at + 700),
    );
  if (match === null) return null;
  const password = match[2] ?? '';
  if (/^(?:[$%{<*]|\[[a-z0-9-]{1,64}:[0-9a-f]{8}\]$|x+$|\.+$)/i.test(password)) return null;
  const start = at + match[0].length - 1 - password.length;
  return { start, end: start + password.length };
}

const notPlaceholder = (value: string): boolean =>
  !/^(?:[$%{<*[]|your|x+$|\.+$)/i.test(value) && bitsPerCharacter(value) >= 2;

function headerRule(
  name: string,
  anchors: readonly string[],
  pattern: RegExp,
  accept?: Accept,
): RedactionRule {
  return { ...patternRule('secret', name, anchors, pattern, accept), generic: true };
}

export const HEADER_RULES: readonly RedactionRule[] = [
  {
    name: 'private-key',
    kind: 'secret',
    anchors: ['-----BEGIN '],
    source: `v1 ${PEM_CLASS.source}`,
    find: privateKeyBlock,
  },
  {
    name: 'url-password',
    kind: 'secret',
    anchors: ['://', ':\\/\\/'],
    source: 'v1',
    find: urlPassword,
  },
  headerRule(
    'authorization',
    ['bearer '],
    /(bearer[ ]{1,4})(?=[^\s"'`\\]{0,64}[\d_.=/+-])[\w.~+/=-]{16,}/i,
    notPlaceholder,
  ),
  headerRule(
    'authorization',
    ['authorization'],
    /(authorization["'`\\]{0,9}\s{0,4}[:=]\s{0,4}["'`\\]{0,9}(?:(?:basic|bearer|token|digest|negotiate|apikey|key|bot|aws4-hmac-sha256|ssws|splunk|api-key)[ ]{1,4})?)(?![0-9a-f]{8}\])[^\s"'`\\,;)}\]]{8,}/i,
    notPlaceholder,
  ),
  headerRule(
    'authorization',
    ['basic '],
    /(basic[ ]{1,4})[A-Za-z0-9+/]{16,}={0,2}(?![\w])/i,
    (value) => /\d|=$/.test(value) && isBasicCredentials(value),
  ),
  headerRule(
    'cookie',
    ['cookie:', 'cookie":', "cookie': "],
    /(cookie["'\\]{0,9}:[ ]{0,4}["'\\]{0,9})[\w.!#$%&*+^|~-]{1,128}=[^\r\n"'`\\]{4,4096}/i,
  ),
];

/** Basic credentials are base64 of `user:password`. */
function isBasicCredentials(value: string): boolean {
  const decoded = Buffer.from(value, 'base64').toString('latin1');
  return /^[\x20-\x7e\x80-\xff]{0,256}:[\x20-\x7e\x80-\xff]*$/.test(decoded.slice(0, 512));
}
