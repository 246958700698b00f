import type { AgentRetention, Retention } from '../agent-retention.ts';
import { objectOf } from '../json-values.ts';
import { settingsValue } from '../placed-json.ts';
import { geminiSetup } from './setup.ts';

/** Gemini CLI's defaults for `general.sessionRetention`; each member that is set replaces its own default. */
const DEFAULTS = { enabled: true, maxAge: '30d' };
const DAYS: Readonly<Record<string, number>> = { h: 1 / 24, d: 1, w: 7, m: 30 };

/** Gemini CLI deletes sessions when it starts; settings that it does not understand switch this off. */
export const geminiRetention: AgentRetention = {
  file: (places) => geminiSetup.file({ kind: 'global' }, places),
  read(text) {
    const general = objectOf(objectOf(settingsValue(text))?.general);
    const set = { ...DEFAULTS, ...objectOf(general?.sessionRetention) };
    if (set.enabled !== true) return {};
    return { ...ageOf(set.maxAge), ...countOf((set as { maxCount?: unknown }).maxCount) };
  },
};

function ageOf(age: unknown): Retention {
  const [, count, unit] = /^(\d{1,6})([hdwm])$/.exec(typeof age === 'string' ? age : '') ?? [];
  if (count === undefined || unit === undefined) return {};
  return { days: Math.floor(Number(count) * DAYS[unit]!) };
}

function countOf(count: unknown): Retention {
  return typeof count === 'number' && count >= 1 ? { count } : {};
}
