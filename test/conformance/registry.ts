import { readFileSync } from 'node:fs';

export interface AttributeFacts {
  readonly type: string;
  readonly deprecated: { readonly renamed_to: string | null } | null;
  readonly enum: readonly string[] | null;
}

export interface SpanFacts {
  readonly name_format: string;
  readonly name_alternatives: readonly string[];
  readonly kind: string;
  readonly operation_names: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly base?: string;
}

interface Registry {
  readonly version: { readonly commit: string; readonly schema_url: string };
  readonly attributes: Readonly<Record<string, AttributeFacts>>;
  readonly spans: Readonly<Record<string, SpanFacts>>;
  readonly span_refinements: Readonly<Record<string, SpanFacts>>;
}

/** Facts of the GenAI conventions at the pinned commit. */
export const REGISTRY: Registry = JSON.parse(
  readFileSync(new URL('../support/genai-registry.json', import.meta.url), 'utf8'),
);

const KINDS = ['INTERNAL', 'SERVER', 'CLIENT'];
const TEMPLATE = /^(gen_ai\.prompt\.variable)\..+$/;

/** Facts of a key; template keys answer for all their members. */
export function attributeFacts(key: string): AttributeFacts | undefined {
  const template = TEMPLATE.exec(key)?.[1];
  if (template !== undefined) return { type: 'string', deprecated: null, enum: null };
  return Object.hasOwn(REGISTRY.attributes, key) ? REGISTRY.attributes[key] : undefined;
}

/** The definitions that a span with this operation and kind may follow: base first, then its refinements. */
export function definitionsOf(operation: string, kind: number): SpanFacts[] {
  const base = Object.entries(REGISTRY.spans).find(
    ([name, facts]) =>
      !name.startsWith('mcp.') &&
      facts.operation_names.includes(operation) &&
      facts.kind === KINDS[kind],
  );
  if (base === undefined) return [];
  const refinements = Object.values(REGISTRY.span_refinements).filter(
    (facts) => facts.base === base[0] && facts.kind === base[1].kind,
  );
  return [base[1], ...refinements];
}

/** Keys that carry content in any span definition. */
export const OPT_IN_KEYS: ReadonlySet<string> = new Set(
  Object.values(REGISTRY.spans).flatMap((facts) =>
    Object.keys(facts.attributes).filter((key) => facts.attributes[key] === 'opt_in'),
  ),
);
