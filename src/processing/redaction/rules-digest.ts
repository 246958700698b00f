import { createHash } from 'node:crypto';
import type { RedactionRule } from './rule.ts';

/** 64 hex digits that change with `before` and with the rules. */
export function digestOfRules(before: string, rules: readonly RedactionRule[]): string {
  const hash = createHash('sha256').update(`${before}\n`);
  for (const rule of rules)
    hash.update(`${rule.name}\n${rule.kind}\n${rule.anchors.join()}\n${rule.source}\n`);
  return hash.digest('hex');
}
