import type { AgentHooks } from './agent-hooks.ts';
import { claudeHooks } from './claude/hooks.ts';
import { codexHooks } from './codex/hooks.ts';
import { copilotHooks } from './copilot/hooks.ts';
import { geminiHooks } from './gemini/hooks.ts';
import { opencodeHooks } from './opencode/hooks.ts';

/** Agents whose hooks are understood. Separate from the list of agents, because a hook must not load their readers. */
export const HOOKS: readonly AgentHooks[] = [
  claudeHooks,
  codexHooks,
  opencodeHooks,
  copilotHooks,
  geminiHooks,
];
