import { bitsPerCharacter, looksRandom } from './entropy.ts';
import type { RedactionRule, Span } from './rule.ts';

/** How a value stands behind its key; decides how much proof is asked of it. */
type Form = 'quoted' | 'line' | 'bare';

const PASSWORD_WORDS = [
  'password',
  'passwd',
  'passphrase',
  'passwort',
  '_pass',
  'pass=',
  '"pass"',
  "'pass'",
  '_pwd',
  ';pwd=',
  ' pwd=',
  '"pwd"',
  "'pwd'",
  ' pwd: ',
];
const KEY_WORDS = [
  'secret',
  'token',
  'api_key',
  'api-key',
  'apikey',
  'access_key',
  'access-key',
  'accesskey',
  'account_key',
  'accountkey',
  'private_key',
  'private-key',
  'privatekey',
  'signing_key',
  'signingkey',
  'encryption_key',
  'encryptionkey',
  'master_key',
  'masterkey',
  'auth_key',
  'authkey',
  'license_key',
  'licence_key',
  'credential',
  '_auth',
  '"auth"',
  '"auth\\"',
  "'auth'",
  'app_key',
  'appkey',
  'service_key',
  'deploy_key',
  'subscription-key',
  'webhook_key',
];
const WORDS = [...PASSWORD_WORDS, ...KEY_WORDS];
/** As they are looked for: the shared beginnings of words that differ in how they are joined. */
const ANCHORS = WORDS.map((word) => (word.length < 5 ? `${word}=` : word));

/** Endings that make a telling word a name of something else: `token_count`, `secret_arn`, `passwordField`. */
const HARMLESS_TAIL =
  /^(?:s?[_-]?(?:ids?|names?|types?|counts?|limits?|usages?|lengths?|size|url|uri|path|file|files|arn|at|in|env|expir\w*|ttl|policy|hint|field|label|input|regex|pattern|validator|schema|budget|budgets|used|per|rate|provider|manager|store|ref|refs|reset|error|errors|class|endpoint|version|kind|status|source|index|format|strategy|scopes?|details?|required|enabled)(?![a-z])|iz|ic|less|ary|ion|s(?![a-z_-]))/i;

const WORD_SOURCES = WORDS.map((word) => word.replace(/[=: ]+$/, '').replaceAll('\\', '\\\\'));
const WORD_PATTERN = new RegExp(`(?:${WORD_SOURCES.join('|')})([\\w.-]{0,40})`, 'iy');
/** Closing quotes or brackets of the key, then what joins it with its value. */
const JOIN = /(?:\\{0,8}["'`]|\])?[ \t]{0,8}(?:=>|:=|={1,3}|:)[ \t]{0,8}(?:[bruf]{1,2}(?=["']))?/iy;
const FLAG_JOIN = /[ \t]{1,4}(?!-)/y;
const OPENING_QUOTE = /\\{0,8}["'`]/y;
const BARE = /[^\s"'`\\,;&()[\]{}<>]+/y;
const LINE_REST = /[ \t]*(?:[;,]?[ \t]*)(?:#[^\n]*)?(?:\r?\n|\\n|$)/y;
const PLACEHOLDER = /^\[[a-z0-9-]{1,64}:[0-9a-f]{8}\]/;
const MAX_VALUE = 4096;

/** What people write where a secret will be, and what code writes where a type or an expression is. */
const NO_SECRET =
  /^(?:true|false|null|nil|none|undefined|unset|empty|n\/a|yes|no|on|off|str|string|string\[\]|bool|boolean|int|integer|number|bytes|any|object|optional|required|unknown|never|void|secret|password|passwd|token|text|hidden|bearer|basic|default|env|file|auto|redacted|prompt|invalid|missing|expired|wrong|incorrect|failed|mismatch|authentication|protected|\*+|x+|\.+|-+|_+|•+|…)$/i;
const EXPRESSION =
  /^(?:[$%{<@&*]|\.{1,2}[/\w]|\.{3}|[~/!^](?=.{0,30}$)|\{\{|process\.|os\.|env\.|self\.|this\.|config\.|settings\.|req\.|args\.|options\.|secrets\.|vars\.|var\.|data\.|your[-_ ]|my[-_ ]|example|changeme|placeholder|insert|replace|todo|xxx|await|new |function|lambda|await |import )/i;
const CODE = /[([{]|->|=>|::|\)$/;

/** Says whether a value behind a telling key is a secret and not a type, an expression or a word of prose. */
function isSecretValue(value: string, password: boolean, form: Form): boolean {
  if (value.length < (password ? 3 : 8) || value.length > MAX_VALUE) return false;
  if (NO_SECRET.test(value) || EXPRESSION.test(value) || PLACEHOLDER.test(value)) return false;
  if (form !== 'quoted' && CODE.test(value)) return false;
  if (form === 'quoted' && /\s/.test(value))
    return password && looksRandom(value, 2) && value.length <= 128;
  if (password) return form !== 'bare' || looksRandom(value, 2) || /[^\w.-]/.test(value);
  if (/^[\d.,_:-]+$/.test(value)) return value.length >= 16 && /^\d+$/.test(value) === false;
  if (form === 'bare' || !/\d/.test(value)) return looksRandom(value, 2.7);
  return bitsPerCharacter(value) >= 2.5;
}

function isPasswordWord(text: string, at: number): boolean {
  return /^[^a-z]?p(?:ass|wd)/i.test(text.slice(at, at + 5));
}

/** The end of the key whose telling word stands at `at`, or -1 where the word means something else. */
function endOfKey(text: string, at: number): number {
  WORD_PATTERN.lastIndex = at;
  const match = WORD_PATTERN.exec(text);
  if (match === null || HARMLESS_TAIL.test(match[1] ?? '')) return -1;
  return at + match[0].length;
}

function isFlag(text: string, at: number): boolean {
  let i = at;
  while (i > 0 && at - i < 40 && /[\w-]/.test(text[i - 1] ?? '')) i--;
  return text.startsWith('--', i);
}

function stick(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

function closingQuote(text: string, at: number, quote: string): number {
  const limit = Math.min(text.length, at + MAX_VALUE);
  for (let i = at; i < limit; i++) {
    if (text.startsWith(quote, i)) return i;
    if (text.charCodeAt(i) === 10) return -1;
    if (text.charCodeAt(i) === 92) i++;
  }
  return -1;
}

function valueAt(text: string, at: number, password: boolean): Span | null {
  const quoteEnd = stick(OPENING_QUOTE, text, at);
  if (quoteEnd > 0) {
    const end = closingQuote(text, quoteEnd, text.slice(at, quoteEnd));
    if (end < 0 || !isSecretValue(text.slice(quoteEnd, end), password, 'quoted')) return null;
    return { start: quoteEnd, end };
  }
  // The key was part of a placeholder: `[github-token:1a2b3c4d]`.
  if (/^[0-9a-f]{8}\]/.test(text.slice(at, at + 9)) && text[at - 1] === ':') return null;
  const end = stick(BARE, text, at);
  if (end < 0) return null;
  const form: Form = stick(LINE_REST, text, end) > 0 || text[at - 1] === '=' ? 'line' : 'bare';
  return isSecretValue(text.slice(at, end), password, form) ? { start: at, end } : null;
}

/** Values behind telling keys: `API_KEY=…`, `"password": "…"`, `client_secret: …`, `--token …`. */
export const UNDER_KEY: RedactionRule = {
  name: 'secret-value',
  kind: 'secret',
  where: 'word',
  generic: true,
  anchors: ANCHORS,
  source: `v1 ${WORDS.join()} ${HARMLESS_TAIL.source} ${NO_SECRET.source} ${EXPRESSION.source}`,
  find(text, at) {
    const keyEnd = endOfKey(text, at);
    if (keyEnd < 0) return null;
    let valueStart = stick(JOIN, text, keyEnd);
    if (valueStart < 0 && isFlag(text, at)) valueStart = stick(FLAG_JOIN, text, keyEnd);
    return valueStart < 0 ? null : valueAt(text, valueStart, isPasswordWord(text, at));
  },
};

export const KEY_RULES: readonly RedactionRule[] = [UNDER_KEY];

/** Says whether `value` is a secret because of the object key it stands under. */
export function isSecretUnderKey(key: string, value: string): boolean {
  if (key.length > 128) return false;
  const lower = key.toLowerCase().replace(/([a-z])[ .]/g, '$1_');
  for (const word of WORDS) {
    const at = lower.indexOf(word);
    if (at < 0) continue;
    if (HARMLESS_TAIL.test(key.slice(at + word.length))) continue;
    if (isSecretValue(value, isPasswordWord(lower, at), 'quoted')) return true;
  }
  return (
    /^(?:pass|pw|pin|auth|authorization|cookie|set-cookie|x-api-key)$/.test(lower) &&
    isSecretValue(value, true, 'quoted')
  );
}
