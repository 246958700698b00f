import type { Agent } from './agent.ts';
import { agentTrace } from './agent-trace/agent-trace.ts';
import { antigravity } from './antigravity/antigravity.ts';
import { claude } from './claude/claude.ts';
import { codex } from './codex/codex.ts';
import { copilot } from './copilot/copilot.ts';
import { gemini } from './gemini/gemini.ts';
import { goose } from './goose/goose.ts';
import { opencode } from './opencode/opencode.ts';

/** All supported agents, in the order in which files are offered to them. */
export const AGENTS: readonly Agent[] = [
  claude,
  codex,
  opencode,
  copilot,
  gemini,
  antigravity,
  goose,
  agentTrace,
];
