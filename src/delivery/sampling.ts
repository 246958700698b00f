/** What sampling needs to know about a trace; collected in a first pass, before anything is mapped. */
export interface SamplingFacts {
  /** From its first to its last event, in microseconds. */
  readonly durationMicros: number;
  /** True when the session as a whole failed. */
  readonly failed: boolean;
  /** True when any call in it failed. */
  readonly anyError: boolean;
  /** HTTP statuses of its calls. */
  readonly statuses: ReadonlySet<number>;
  readonly timeout: boolean;
  readonly silentFailure: boolean;
  /** How often the most frequent call was made with the same input. */
  readonly mostRepeats: number;
}

/** A reason to keep a trace whatever the ratio is. */
export interface SamplingPolicy {
  /** Name as written on the root span. */
  readonly name: string;
  /** Texts that must be read for it, which takes time. */
  readonly reads?: 'inputs' | 'outputs' | undefined;
  keeps(facts: SamplingFacts): boolean;
}

export interface Sampling {
  readonly policies: readonly SamplingPolicy[];
  /** Fraction of the other traces that is kept, from 0 to 1. */
  readonly ratio: number;
}

/** Kept, with the reason and the probability of being kept, or not kept. */
export type SamplingDecision =
  | { readonly kept: true; readonly reason: string; readonly probability: number }
  | { readonly kept: false };

/** Decides about one whole trace. `facts` is only called when a policy needs it. */
export function decide(
  sampling: Sampling,
  traceId: string,
  facts: () => SamplingFacts,
): SamplingDecision {
  if (sampling.policies.length > 0) {
    const known = facts();
    const policy = sampling.policies.find(({ keeps }) => keeps(known));
    if (policy !== undefined) return { kept: true, reason: policy.name, probability: 1 };
  }
  if (!isInShare(traceId, sampling.ratio)) return { kept: false };
  return { kept: true, reason: 'ratio', probability: sampling.ratio };
}

const RANDOM_BITS = 56n;
const ALL = 1n << RANDOM_BITS;
/** Resolution of a ratio: number of steps. */
const PARTS = 2 ** 52;

/**
 * True when a trace is in a given fraction of all traces. Uses the low 56 bits of its id, which OpenTelemetry's
 * samplers assume to be random, so that every machine decides alike and a smaller fraction is a subset of a larger one.
 */
export function isInShare(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  if (!(ratio > 0)) return false;
  const random = BigInt(`0x${traceId.slice(-14)}`);
  const rejected = ALL - (BigInt(Math.round(ratio * PARTS)) * ALL) / BigInt(PARTS);
  return random >= rejected;
}

/**
 * Ratio that keeps `perSecond` traces per second if they keep coming at the measured rate; the window is in seconds.
 */
export function budgetRatio(perSecond: number, traces: number, windowSeconds: number): number {
  if (perSecond === 0) return 0;
  if (traces < 2 || !(windowSeconds > 0)) return 1;
  return Math.min(1, perSecond / (traces / windowSeconds));
}
