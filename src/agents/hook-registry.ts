import type { AgentHooks } from './agent-hooks.ts';
import { claudeHooks } from './claude/hooks.ts';

/** Agents whose hooks we understand. Apart from the list of agents, because a hook must not load their readers. */
export const HOOKS: readonly AgentHooks[] = [claudeHooks];
