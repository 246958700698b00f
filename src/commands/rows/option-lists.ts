import type { OptionName } from '../options.ts';

export const PRIVACY: readonly OptionName[] = ['content', 'noRedact', 'redactRules'];
