import { type Baseline, buildProfile, type MeasuredSession } from '../../src/baseline/profile.ts';

/** A finished session in which everything is ordinary. */
export function session(
  sessionId: string,
  changes: Partial<MeasuredSession> = {},
): MeasuredSession {
  return {
    sessionId,
    state: 'closed',
    outcome: 'success',
    startMicros: 0,
    endMicros: 60_000_000,
    models: ['model-a'],
    costUsd: 1,
    durationS: 60,
    toolCalls: 10,
    toolErrors: 0,
    deniedCalls: 0,
    retries: 0,
    silentFailures: 0,
    errorRate: 0,
    retryRate: 0,
    blastRadius: 2,
    blastRadiusCapped: false,
    llmCalls: 5,
    llmErrors: 0,
    ...changes,
  };
}

export function baselineOf(sessions: Iterable<MeasuredSession>, name = 'default'): Baseline {
  return buildProfile(sessions, {
    name,
    createdAtMicros: 1_700_000_000_000_000,
    selection: { sessions: 50 },
  });
}

/** A baseline of sessions that differ only in their tool calls. */
export function ofToolCalls(...values: number[]): Baseline {
  return baselineOf(values.map((toolCalls, i) => session(`s${i}`, { toolCalls })));
}
