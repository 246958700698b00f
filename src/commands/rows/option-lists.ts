import type { OptionName } from '../options.ts';

export const PRIVACY: readonly OptionName[] = ['content', 'noRedact', 'redactRules'];
export const SHOWN_PRIVACY: readonly OptionName[] = ['shownContent', 'noRedact', 'redactRules'];

/** What `[session]` is where a command takes the latest one. */
export const LATEST = 'session id, or the beginning of one (default: the latest session)';
