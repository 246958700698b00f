import type { AgentRetention } from '../agent-retention.ts';

/** Codex keeps its recordings until somebody deletes them, and has no setting for it. */
export const codexRetention: AgentRetention = { read: () => ({}) };
