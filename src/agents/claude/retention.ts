import type { AgentRetention } from '../agent-retention.ts';
import { objectOf } from '../json-values.ts';
import { settingsValue } from '../placed-json.ts';
import { claudeSetup } from './setup.ts';

/** Claude Code's default if `cleanupPeriodDays` is not set. */
const DEFAULT_DAYS = 30;
const OFF = 'CLAUDE_CODE_SKIP_PROMPT_HISTORY';

/** Claude Code deletes transcripts when it starts. Its settings can contain environment variables. */
export const claudeRetention: AgentRetention = {
  file: (places) => claudeSetup.file({ kind: 'global' }, places),
  read(text, env) {
    const settings = objectOf(settingsValue(text)) ?? {};
    const days = settings.cleanupPeriodDays;
    const off = objectOf(settings.env)?.[OFF] ?? env[OFF];
    return {
      days: typeof days === 'number' ? days : DEFAULT_DAYS,
      ...(off === 'true' || off === '1' ? { off: OFF } : {}),
    };
  },
};
