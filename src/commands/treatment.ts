import { homedir } from 'node:os';
import { readFileSync } from 'node:fs';
import { AgentStraceError, messageOf } from '../errors.ts';
import { createRedactor, type Redactor } from '../processing/redaction/redactor.ts';
import type { RedactionRule } from '../processing/redaction/rule.ts';
import type { Store } from '../store/open-store.ts';
import type { OptionValues } from './options.ts';
import type { Treatment } from './recorded-trace.ts';

/** The redactor of a run: the store's key, the built-in rules and the user's own. */
export async function redactorFor(store: Store, options: OptionValues): Promise<Redactor> {
  const rules = await customRules(options['redactRules']);
  return createRedactor({ key: store.redactionKey, rules, disabled: options['redact'] === false, homeFolder: homedir() });
}

/** Rules of a `--redact-rules` file. Throws `usage` that names the file, the rule and what is wrong with it. */
export async function customRules(path: OptionValues[string]): Promise<readonly RedactionRule[] | undefined> {
  if (typeof path !== 'string') return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new AgentStraceError('usage', `--redact-rules ${path}: ${messageOf(error)}`, { cause: error });
  }
  const { loadCustomRules } = await import('../processing/redaction/custom-rules.ts');
  return loadCustomRules(parsed, path);
}

/** How a session is shown on this machine: redacted, its texts included. */
export async function displayTreatment(store: Store, options: OptionValues): Promise<Treatment> {
  const policy = options['content'];
  return {
    policy: policy === 'none' || policy === 'full' ? policy : 'redacted',
    redactor: await redactorFor(store, options),
    silentFailures: 'mark',
    price: await priceLookup(),
  };
}

/** The price library, or nothing where it cannot be loaded: cost then stays absent. */
export async function priceLookup(): Promise<Treatment['price']> {
  const { loadGenaiPrices } = await import('../processing/genai-prices.ts');
  return loadGenaiPrices();
}
