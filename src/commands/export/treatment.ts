import { homedir } from 'node:os';
import { estimatedPrice } from '../../processing/genai-prices.ts';
import { createRedactor, type Redactor } from '../../processing/redaction/redactor.ts';
import type { Store } from '../../store/open-store.ts';
import type { OptionValues } from '../options.ts';
import { customRules } from '../redaction-rules.ts';
import type { Treatment } from './recorded-trace.ts';

/** The redactor of a run: the store's key, the built-in rules and the user's own rules. */
export async function redactorFor(store: Store, options: OptionValues): Promise<Redactor> {
  const rules = await customRules(options['redactRules']);
  return createRedactor({
    key: store.redactionKey,
    rules,
    disabled: options['redact'] === false,
    homeFolder: homedir(),
  });
}

/** How a session is shown on this machine: redacted, with each text shown where it was recorded. */
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
