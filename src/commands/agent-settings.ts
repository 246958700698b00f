import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What Claude Code's own settings say about recording; undefined where it is not installed. */
export interface AgentSettings {
  readonly hooksInstalled: boolean;
  /** Days after which it deletes its transcripts. */
  readonly cleanupDays: number;
}

/** What Claude Code does where nothing is set. */
const DEFAULT_CLEANUP_DAYS = 30;

export function claudeSettings(env: NodeJS.ProcessEnv): AgentSettings | undefined {
  const folder = env['CLAUDE_CONFIG_DIR'] ?? join(env['HOME'] ?? homedir(), '.claude');
  if (!existsSync(folder)) return undefined;
  const text = readSettings(join(folder, 'settings.json'));
  let days: unknown;
  try {
    days = (JSON.parse(text) as { cleanupPeriodDays?: unknown } | null)?.cleanupPeriodDays;
  } catch {
    days = undefined;
  }
  return {
    hooksInstalled: /(?:agent-strace|cli\.cjs)[^\n]{0,20} hook --agent/.test(text),
    cleanupDays: typeof days === 'number' ? days : DEFAULT_CLEANUP_DAYS,
  };
}

function readSettings(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '{}';
  }
}
