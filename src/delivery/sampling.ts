/** What sampling wants to know of a trace; gathered in a first pass, before anything is mapped. */
export interface SamplingFacts {
  /** From its first to its last event, in microseconds. */
  readonly durationMicros: number;
  /** The session as a whole ended badly. */
  readonly failed: boolean;
  /** Any call in it failed. */
  readonly anyError: boolean;
  /** HTTP statuses of its calls. */
  readonly statuses: ReadonlySet<number>;
  readonly timeout: boolean;
  readonly silentFailure: boolean;
  /** How often the most frequent call was made with the same input. */
  readonly mostRepeats: number;
}

/** Why a trace is kept whatever the share is. */
export interface SamplingPolicy {
  /** As it is written on the root span. */
  readonly name: string;
  /** Texts that have to be looked at for it, which costs time. */
  readonly reads?: 'inputs' | 'outputs' | undefined;
  keeps(facts: SamplingFacts): boolean;
}

export interface Sampling {
  readonly policies: readonly SamplingPolicy[];
  /** Share of the other traces that is kept, from 0 to 1. */
  readonly ratio: number;
}

/** Kept with the reason and the probability of being kept, or not. */
export type SamplingDecision =
  | { readonly kept: true; readonly reason: string; readonly probability: number }
  | { readonly kept: false };

/** Decides about one whole trace. `facts` is asked for only where a policy needs it. */
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
/** A share is told apart to so many parts. */
const PARTS = 2 ** 52;

/**
 * Whether a trace is in a share of all traces: by the low 56 bits of its id, which OpenTelemetry's samplers take
 * for random, so that every machine decides alike and a smaller share is a part of a larger one.
 */
export function isInShare(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  if (!(ratio > 0)) return false;
  const random = BigInt(`0x${traceId.slice(-14)}`);
  const rejected = ALL - (BigInt(Math.round(ratio * PARTS)) * ALL) / BigInt(PARTS);
  return random >= rejected;
}

/** The share that keeps so many traces a second at the rate at which they came; the window is in seconds. */
export function budgetRatio(perSecond: number, traces: number, windowSeconds: number): number {
  if (traces < 2 || !(windowSeconds > 0)) return 1;
  return Math.min(1, perSecond / (traces / windowSeconds));
}
