/**
 * How often does `baseline check` cry wolf, and how often does it catch a session that ran away?
 * Simulates baselines and sessions with a fixed seed and prints the tables of docs/ci-gate.md.
 *
 *     node bench/baseline-simulation.ts [trials]
 *
 * Runs as it is on Node 22.18 or newer; on Node 20 bundle it first (`npx esbuild --bundle --format=esm`).
 */
import { pathToFileURL } from 'node:url';
import { checkSession } from '../src/baseline/compare.ts';
import { buildProfile, type MeasuredSession } from '../src/baseline/profile.ts';
import { seeded } from '../test/support/seeded.ts';

export const TRIALS = 2000;
const SIZES = [5, 10, 50] as const;
const THRESHOLDS = [2, 2.5, 3, 3.5] as const;
const FACTORS = [1, 2, 3] as const;

/** How sessions of one project differ from each other. Spreads are standard deviations of logarithms. */
interface Population {
  readonly title: string;
  /** Spread of the common factor of cost, duration, calls and files. */
  readonly size: number;
  /** Additional spread of each of them. */
  readonly own: number;
  /** Share of baseline sessions that were ten times the usual. */
  readonly wild: number;
}

export const POPULATIONS: readonly Population[] = [
  { title: 'The same task again and again (a nightly job)', size: 0.15, own: 0.15, wild: 0 },
  { title: 'Mixed everyday tasks', size: 0.5, own: 0.3, wild: 0 },
  {
    title: 'Heavy tails: very mixed tasks, one in twenty sessions ran away',
    size: 0.8,
    own: 0.4,
    wild: 0.05,
  },
];

type Random = () => number;

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Successes in `n` tries of probability `p`. */
function binomial(random: Random, n: number, p: number): number {
  let hits = 0;
  for (let i = 0; i < n; i += 1) if (random() < p) hits += 1;
  return hits;
}

/** One session; `factor` multiplies everything that a runaway session has more of. */
function simulate(
  id: string,
  population: Population,
  factor: number,
  random: Random,
): MeasuredSession {
  const size = factor * Math.exp(population.size * normal(random));
  const around = (usual: number): number =>
    usual * size * Math.exp(population.own * normal(random));
  const toolCalls = Math.max(1, Math.round(around(30)));
  const toolErrors = binomial(random, toolCalls, Math.min(0.9, 0.06 * factor));
  const retries = binomial(random, toolErrors, 0.5);
  return {
    sessionId: id,
    state: 'closed',
    outcome: 'success',
    startMicros: 0,
    endMicros: 0,
    models: [],
    costUsd: around(0.8),
    unpricedCalls: 0,
    durationS: around(400),
    toolCalls,
    toolErrors,
    deniedCalls: 0,
    retries,
    silentFailures: 0,
    errorRate: toolErrors / toolCalls,
    retryRate: retries / toolCalls,
    blastRadius: Math.round(around(4)),
    blastRadiusCapped: false,
    llmCalls: 0,
    llmErrors: 0,
  };
}

/** Largest deviation of the cost alone and of all six, for one session against one baseline. */
interface Deviations {
  readonly one: number;
  readonly six: number;
}

function deviations(
  session: MeasuredSession,
  baseline: ReturnType<typeof baselineOf>,
  robust: boolean,
): Deviations {
  const { metrics } = checkSession(session, baseline, { robust, minSessions: 5 });
  const of = (key: string): number =>
    Math.abs(metrics.find((metric) => metric.key === key)?.z ?? 0);
  return {
    one: of('cost_usd'),
    six: Math.max(...metrics.map((metric) => Math.abs(metric.z ?? 0))),
  };
}

function baselineOf(population: Population, n: number, random: Random) {
  const sessions = Array.from({ length: n }, (_, i) =>
    simulate(`s${i}`, population, random() < population.wild ? 10 : 1, random),
  );
  return buildProfile(sessions, { name: 'simulated', createdAtMicros: 0, selection: {} });
}

/** The rows of a population's table for baselines of `n` sessions: one per method and threshold. */
export function rowsOf(population: Population, n: number, trials: number): string[] {
  const random = seeded(20_261_120 + n * 1000 + POPULATIONS.indexOf(population));
  const found = new Map<string, number>();
  for (let trial = 0; trial < trials; trial += 1) {
    const baseline = baselineOf(population, n, random);
    for (const factor of FACTORS) {
      const session = simulate('tested', population, factor, random);
      for (const robust of [false, true]) {
        const { one, six } = deviations(session, baseline, robust);
        for (const threshold of THRESHOLDS) {
          const count = (scope: string, hit: boolean): void => {
            const key = [robust, threshold, scope, factor].join();
            found.set(key, (found.get(key) ?? 0) + (hit ? 1 : 0));
          };
          count('one', one > threshold);
          count('six', six > threshold);
        }
      }
    }
  }
  const share = (...key: unknown[]): string =>
    `${Math.round((100 * (found.get(key.join()) ?? 0)) / trials)} %`;
  return [false, true].flatMap((robust) =>
    THRESHOLDS.map((threshold) => {
      const cells = ['one', 'six'].flatMap((scope) =>
        FACTORS.map((factor) => share(robust, threshold, scope, factor)),
      );
      const method = robust ? 'median/MAD' : 'mean/sd';
      return `| ${[n, method, threshold.toFixed(1), ...cells].join(' | ')} |`;
    }),
  );
}

/** All tables as Markdown. */
function report(trials: number): string {
  const header = [
    '| n | method | threshold | one: false alarms | one: 2x found | one: 3x found | six: false alarms | six: 2x found | six: 3x found |',
    '| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
  ];
  return POPULATIONS.map((population) => {
    const rows = SIZES.flatMap((n) => rowsOf(population, n, trials));
    return [`**${population.title}**`, '', ...header, ...rows, ''].join('\n');
  }).join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(report(Number(process.argv[2] ?? TRIALS)));
}
