import { createHmac } from 'node:crypto';
import type { RuleKind } from '../../session/operation.ts';

const MAX_KNOWN = 2000;
const MAX_KNOWN_LENGTH = 200;

/**
 * What replaces a secret: `[rule:8 hex]`. The same secret gets the same placeholder everywhere, and nobody without
 * the key can test a guess.
 */
export class Placeholders {
  readonly #key: Buffer;
  readonly #known = new Map<string, string>();

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** For bulk data, the placeholder states the size instead. */
  of(rule: { readonly name: string; readonly kind: RuleKind }, secret: string): string {
    if (rule.kind === 'bulk') return `[${rule.name}:${secret.length} characters]`;
    return `[${rule.name}:${this.#digits(secret)}]`;
  }

  #digits(secret: string): string {
    const known = this.#known.get(secret);
    if (known !== undefined) return known;
    const digits = createHmac('sha256', this.#key).update(secret).digest('hex').slice(0, 8);
    if (secret.length > MAX_KNOWN_LENGTH) return digits;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(secret, digits);
    return digits;
  }
}
