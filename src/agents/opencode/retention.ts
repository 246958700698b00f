import type { AgentRetention } from '../agent-retention.ts';

/** OpenCode keeps its recordings until somebody deletes them; it has no setting for it. */
export const opencodeRetention: AgentRetention = { read: () => ({}) };
