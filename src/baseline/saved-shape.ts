/**
 * Says what is wrong with a value and where, as in `metrics.tool_calls.n: must be a number`; undefined if nothing is.
 * Written by hand, because loading a schema library takes as long as starting Node twice, and a check does little
 * else.
 */
type Shape = (value: unknown, at: string) => string | undefined;

/** What is wrong with the body of a saved baseline; undefined if it is a `Baseline`. */
export function damageOf(value: unknown): string | undefined {
  return BASELINE(value, '');
}

function needed(what: string, fits: (value: unknown) => boolean): Shape {
  return (value, at) => (fits(value) ? undefined : problem(at, `must be ${what}`));
}

function problem(at: string, what: string): string {
  return `${at === '' ? 'its top' : at}: ${what}`;
}

const isNumber = (value: unknown): value is number => Number.isFinite(value);

const NUMBER = needed('a number', isNumber);
const NOT_NEGATIVE = needed('a number of at least 0', (value) => isNumber(value) && value >= 0);
const WHOLE = needed('a whole number', Number.isSafeInteger);
const COUNT = needed(
  'a whole number of at least 1',
  (value) => Number.isSafeInteger(value) && (value as number) >= 1,
);
const DIGEST = needed(
  'a digest of 16 hex digits',
  (value) => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value),
);

function text(least: number, most: number): Shape {
  return needed(
    `a text of ${least} to ${most} characters`,
    (value) => typeof value === 'string' && value.length >= least && value.length <= most,
  );
}

function optional(shape: Shape): Shape {
  return (value, at) => (value === undefined ? undefined : shape(value, at));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object with exactly these members. */
function object(shapes: Readonly<Record<string, Shape>>): Shape {
  return (value, at) => {
    if (!isObject(value)) return problem(at, 'must be an object');
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(shapes, name));
    if (unknown !== undefined)
      return problem(at, `${JSON.stringify(unknown)} is not a known member`);
    return firstProblem(Object.entries(shapes), ([name, shape]) =>
      shape(value[name], below(at, name)),
    );
  };
}

/** An object whose members have any names and the same shape. */
function table(shape: Shape): Shape {
  return (value, at) => {
    if (!isObject(value)) return problem(at, 'must be an object');
    return firstProblem(Object.entries(value), ([name, member]) =>
      name.length > LONGEST_KEY || name === '__proto__'
        ? problem(at, 'a name is too long or not allowed')
        : shape(member, below(at, name)),
    );
  };
}

function list(shape: Shape): Shape {
  return (value, at) =>
    Array.isArray(value)
      ? firstProblem(value.entries(), ([index, member]) => shape(member, below(at, String(index))))
      : problem(at, 'must be a list');
}

function firstProblem<Item>(
  items: Iterable<Item>,
  check: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = check(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const below = (at: string, name: string): string => (at === '' ? name : `${at}.${name}`);

const LONGEST_KEY = 100;
const SELECTED = optional(text(0, 1000));

const BASELINE = object({
  name: text(1, 200),
  createdAtMicros: WHOLE,
  selection: object({
    sessions: optional(COUNT),
    since: SELECTED,
    until: SELECTED,
    agent: SELECTED,
    model: SELECTED,
    project: SELECTED,
  }),
  metrics: table(
    object({
      n: COUNT,
      mean: NUMBER,
      sd: NOT_NEGATIVE,
      median: NUMBER,
      mad: NOT_NEGATIVE,
      meanDeviation: NOT_NEGATIVE,
      p95: NUMBER,
      min: NUMBER,
      max: NUMBER,
    }),
  ),
  samples: list(object({ session: DIGEST, values: table(NUMBER) })),
});
