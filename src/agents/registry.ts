import type { Agent } from './agent.ts';
import { claude } from './claude/claude.ts';

/** Every supported agent, in the order in which files are offered to them. */
export const AGENTS: readonly Agent[] = [claude];
