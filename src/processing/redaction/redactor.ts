import { createHash, createHmac } from 'node:crypto';
import type { RuleKind } from '../../session/operation.ts';
import { buildFinder } from './finder.ts';
import type { Found } from './found.ts';
import { replaceInJson } from './json-text.ts';
import type { RedactionRule } from './rule.ts';
import { BULK_RULES } from './rules-bulk.ts';
import { CLOUD_RULES } from './rules-clouds.ts';
import { HEADER_RULES } from './rules-headers.ts';
import { homeFolderRule } from './rules-home.ts';
import { isSecretUnderKey, KEY_RULES, UNDER_KEY } from './rules-keys.ts';
import { MODEL_RULES } from './rules-models.ts';
import { IP_RULES, PERSONAL_RULES } from './rules-personal.ts';
import { SERVICE_RULES } from './rules-services.ts';

/** Adds to `counts`, by rule name, how many places were replaced. */
export type Counts = Map<string, number>;

export interface Redactor {
  /** Replaces secrets and personal data; the rest of the text stays as it is. */
  text(text: string, counts?: Counts): string;
  /** The same for JSON text: stays valid JSON, values under telling keys go too. Broken JSON is treated as text. */
  json(text: string, counts?: Counts): string;
  /** 16 hex digits that change when the rules change; `off` when redaction is disabled. */
  readonly digest: string;
  /** Kind of a rule by its name; undefined for a name that is no rule. */
  kindOf(rule: string): RuleKind | undefined;
}

export interface RedactorOptions {
  /** Random key of the store; placeholders are an HMAC under it. */
  readonly key: Buffer;
  /** Rules of the user, in addition to the built-in ones. */
  readonly rules?: readonly RedactionRule[] | undefined;
  readonly disabled?: boolean | undefined;
  readonly personal?: { readonly ipAddresses?: boolean | undefined } | undefined;
  /** Home folder of this machine, for one in an unusual place. */
  readonly homeFolder?: string | undefined;
}

const HEADER_KEY = /^(?:proxy-)?authorization$|^(?:set-)?cookie$/i;
const NOTHING_SHORTER = 6;
/** JSON text inside JSON text inside … is followed this deep. */
const MAX_NESTING = 10;
const MAX_CACHED_LENGTH = 200;
const MAX_CACHED = 2000;

/** Builds the one redactor of a run. The same key and rules give the same text everywhere. */
export function createRedactor(options: RedactorOptions): Redactor {
  const rules = rulesFor(options);
  const kinds = new Map(rules.map((rule) => [rule.name, rule.kind]));
  const kindOf = (name: string): RuleKind | undefined => kinds.get(name);
  if (options.disabled === true) {
    return { text: (text) => text, json: (text) => text, digest: 'off', kindOf };
  }
  const { find, wasTouched } = buildFinder(rules);
  const placeholder = placeholders(options.key);
  const clean = new Set<string>();

  function text(value: string, counts?: Counts, depth = 0): string {
    if (value.length < NOTHING_SHORTER) return value;
    const short = value.length <= MAX_CACHED_LENGTH;
    if (short && clean.has(value)) return value;
    const found = find(value);
    if ((found.length > 0 || wasTouched()) && depth < MAX_NESTING && looksLikeJson(value)) {
      const safe = insideJson(value, counts, depth);
      if (safe !== undefined) return safe;
    }
    if (found.length > 0) return replace(value, found, counts);
    if (short) {
      if (clean.size >= MAX_CACHED) clean.clear();
      clean.add(value);
    }
    return value;
  }

  function replace(value: string, found: readonly Found[], counts?: Counts): string {
    let result = '';
    let done = 0;
    for (const { start, end, rule } of found) {
      result += value.slice(done, start) + placeholder(rule, value.slice(start, end));
      counts?.set(rule.name, (counts.get(rule.name) ?? 0) + 1);
      done = end;
    }
    return result + value.slice(done);
  }

  function insideJson(
    value: string,
    counts: Counts | undefined,
    depth: number,
  ): string | undefined {
    return replaceInJson(value, (token, key) => {
      if (key !== undefined && HEADER_KEY.test(key)) return header(key, token, counts, depth);
      if (key === undefined || !isSecretUnderKey(key, token)) return text(token, counts, depth + 1);
      const found = find(token);
      const whole = found[0]?.start === 0 && found[0].end === token.length;
      return replace(
        token,
        whole ? found : [{ start: 0, end: token.length, rule: UNDER_KEY }],
        counts,
      );
    });
  }

  /** The value of a header reads as it does in the header's line. */
  function header(name: string, value: string, counts: Counts | undefined, depth: number): string {
    const line = text(`${name}: ${value}`, counts, depth + 1);
    return line.startsWith(`${name}: `)
      ? line.slice(name.length + 2)
      : text(value, counts, depth + 1);
  }

  /** Text without an anchor has nothing in it, unless escapes hide one; all other text is walked. */
  function json(value: string, counts?: Counts): string {
    const found = find(value);
    if (found.length === 0 && !wasTouched() && !/\\[u/]/.test(value)) return value;
    return insideJson(value, counts, 0) ?? replace(value, found, counts);
  }

  return {
    text: (value, counts) => text(value, counts),
    json: (value, counts) => json(value, counts),
    digest: digestOf(rules),
    kindOf,
  };
}

function rulesFor(options: RedactorOptions): readonly RedactionRule[] {
  return [
    ...MODEL_RULES,
    ...CLOUD_RULES,
    ...SERVICE_RULES,
    ...HEADER_RULES,
    ...(options.homeFolder === undefined ? [] : homeFolderRule(options.homeFolder)),
    ...PERSONAL_RULES,
    ...(options.personal?.ipAddresses === true ? IP_RULES : []),
    ...(options.rules ?? []),
    ...KEY_RULES,
    ...BULK_RULES,
  ];
}

function looksLikeJson(text: string): boolean {
  return /^\s{0,8}[[{]/.test(text) && /[\]}]\s{0,8}$/.test(text.slice(-9));
}

/** `[rule:8 hex]`; the same secret reads the same everywhere, and nobody without the key can test a guess. */
function placeholders(
  key: Buffer,
): (rule: { name: string; kind: RuleKind }, secret: string) => string {
  const known = new Map<string, string>();
  return (rule, secret) => {
    if (rule.kind === 'bulk') return `[${rule.name}:${secret.length} characters]`;
    let digits = known.get(secret);
    if (digits === undefined) {
      digits = createHmac('sha256', key).update(secret).digest('hex').slice(0, 8);
      if (known.size >= MAX_CACHED) known.clear();
      if (secret.length <= MAX_CACHED_LENGTH) known.set(secret, digits);
    }
    return `[${rule.name}:${digits}]`;
  };
}

function digestOf(rules: readonly RedactionRule[]): string {
  const hash = createHash('sha256');
  for (const rule of rules)
    hash.update(`${rule.name}\n${rule.kind}\n${rule.anchors.join()}\n${rule.source}\n`);
  return hash.digest('hex').slice(0, 16);
}
