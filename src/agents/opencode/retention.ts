import type { AgentRetention } from '../agent-retention.ts';

/** OpenCode keeps its recordings until somebody deletes them, and has no setting for it. */
export const opencodeRetention: AgentRetention = { read: () => ({}) };
