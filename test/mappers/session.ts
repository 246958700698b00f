import type { MapperOptions } from '../../src/mappers/mapper.ts';
import type { SessionHead, SessionTotals } from '../../src/session/session.ts';

export const T0 = 1_790_000_000_123_456;

export const HEAD: SessionHead = {
  sessionId: '0b5f3a52-7c11-4e0e-9a54-3f1f6f2f7d10',
  traceId: '0b5f3a527c114e0e9a543f1f6f2f7d10',
  rootOperationId: 'aaaaaaaaaaaaaaaa',
  agentId: 'claude-code',
  agentName: 'claude-code',
  agentVersion: '2.1.0',
  startMicros: T0,
  cwd: '/srv/shop',
  gitBranch: 'main',
  runId: '0b5f3a52-7c11-4e0e-9a54-3f1f6f2f7d10',
};

export const TOTALS: SessionTotals = {
  startMicros: T0,
  endMicros: T0 + 60_000_000,
  state: 'quiet',
  outcome: 'success',
  models: ['claude-opus-4-7'],
  turns: 1,
  prompts: 1,
  responses: 1,
  llmCalls: 2,
  llmErrors: 0,
  toolCalls: 2,
  toolErrors: 1,
  denials: 1,
  interrupts: 0,
  subagents: 1,
  compactions: 0,
  silentFailures: 0,
  unfinished: 0,
  usage: { input: 1200, output: 340, cacheRead: 1000, basis: 'exact' },
  cost: { usd: 0.125, basis: 'recorded' },
  eventCount: 12,
  lateFacts: 0,
};

export const OPTIONS: MapperOptions = {
  spanNames: 'agent-strace',
  semconv: 'latest',
  content: 'redacted',
  silentFailures: 'mark',
};
