import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { AgentStraceError, whyUnreadable } from '../errors.ts';
import { estimatedPrice } from '../processing/genai-prices.ts';
import { createRedactor, type Redactor } from '../processing/redaction/redactor.ts';
import type { RedactionRule } from '../processing/redaction/rule.ts';
import type { Store } from '../store/open-store.ts';
import type { RuleSource } from './configured-options.ts';
import type { OptionValues } from './options.ts';
import type { Treatment } from './recorded-trace.ts';

/** The redactor of a run: the store's key, the built-in rules and the user's own. */
export async function redactorFor(store: Store, options: OptionValues): Promise<Redactor> {
  const rules = await customRules(options['redactRules']);
  return createRedactor({
    key: store.redactionKey,
    rules,
    disabled: options['redact'] === false,
    homeFolder: homedir(),
  });
}

/**
 * Rules of the `--redact-rules` files and of those that stand in a configuration file. Throws `usage` that names the file,
 * the rule and what is wrong with it.
 */
export async function customRules(
  sources: OptionValues[string],
): Promise<readonly RedactionRule[] | undefined> {
  if (sources === undefined) return undefined;
  const { loadCustomRules } = await import('../processing/redaction/custom-rules.ts');
  const all = (Array.isArray(sources) ? sources : [sources]) as readonly RuleSource[];
  return all.flatMap((source) =>
    typeof source === 'string'
      ? loadCustomRules(parsedFile(source), source)
      : loadCustomRules(source.rules, source.where),
  );
}

function parsedFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new AgentStraceError('usage', `--redact-rules ${path}: ${whyUnreadable(error)}`, {
      cause: error,
    });
  }
}

/** How a session is shown on this machine: redacted, with each text where it was recorded. */
export async function displayTreatment(store: Store, options: OptionValues): Promise<Treatment> {
  const policy = options['content'];
  return {
    policy: policy === 'none' || policy === 'full' ? policy : 'redacted',
    redactor: await redactorFor(store, options),
    silentFailures: 'mark',
    price: estimatedPrice,
    messages: 'references',
  };
}
