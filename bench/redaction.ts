// Redaction against SHA-256 of the same text, interleaved; run with `npx tsx` or bundled by esbuild.
// Prints MB/s of both, their ratio, and the share of clean lines that redaction touches.
import { createHash } from 'node:crypto';
import { createRedactor } from '../src/processing/redaction/redactor.ts';
import { cleanLine, LINE_KINDS, type LineKind } from '../test/processing/redaction/clean-text.ts';
import { SECRET_FORMATS } from '../test/processing/redaction/secret-formats.ts';
import { SeededRandom } from '../test/processing/redaction/seeded-random.ts';
import { TELLING_PLACES } from '../test/processing/redaction/telling-places.ts';

const SEED = 2026;
const TEXTS = 2000;
const RUNS = 21;
const TARGET = 0.6;

const random = new SeededRandom(SEED);
const redactor = createRedactor({ key: Buffer.alloc(32, 1) });

/** What recordings mostly consist of, in percent; identifiers are denser in `log`, `commit` and `json`. */
const MIX: { readonly [kind in LineKind]?: number } = {
  code: 45,
  prose: 30,
  log: 10,
  commit: 10,
  json: 5,
};

/** Clean texts of the size of usual tool outputs, each a flat string of its own. */
function cleanTexts(parts: { readonly [kind in LineKind]?: number }): string[] {
  const kinds = Object.entries(parts).flatMap(([kind, share]) =>
    Array<LineKind>(share).fill(kind as LineKind),
  );
  const texts: string[] = [];
  while (texts.length < TEXTS) {
    const lines = Array.from({ length: 20 + random.below(60) }, () =>
      LINE_KINDS[random.pick(kinds)](random),
    );
    const text = Buffer.from(lines.join('\n')).toString();
    if (redactor.text(text) === text) texts.push(text);
  }
  return texts;
}

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

interface Speed {
  readonly redaction: number;
  readonly sha256: number;
  readonly ratio: number;
  /** Of each run. */
  readonly ratios: readonly number[];
}

function speed(texts: readonly string[]): Speed {
  const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    ours.push(
      milliseconds(() => {
        for (const text of texts) redactor.text(text);
      }),
    );
    theirs.push(
      milliseconds(() => {
        for (const text of texts) createHash('sha256').update(text).digest();
      }),
    );
  }
  const [a, b] = [median(ours.slice(3)), median(theirs.slice(3))];
  return {
    redaction: (megabytes / a) * 1000,
    sha256: (megabytes / b) * 1000,
    ratio: b / a,
    ratios: ours.slice(3).map((millis, run) => theirs[run + 3]! / millis),
  };
}

/** Share of secrets that are gone from the text they were put in. */
function recall(): { found: number; planted: number } {
  let found = 0;
  let planted = 0;
  const plant = (secret: string, text: string): void => {
    planted++;
    if (!redactor.text(text).includes(secret)) found++;
  };
  for (let round = 0; round < 100; round++) {
    for (const generate of Object.values(SECRET_FORMATS)) {
      const secret = generate(random);
      plant(secret, `${cleanLine(random)}\n${secret}\n${cleanLine(random)}`);
    }
    for (const [, place, generate] of TELLING_PLACES) {
      const secret = generate(random);
      plant(secret, `${cleanLine(random)}\n${place(secret)}\n${cleanLine(random)}`);
    }
  }
  return { found, planted };
}

function touchedLines(lines: number): number {
  let touched = 0;
  for (let i = 0; i < lines; i++) {
    const line = cleanLine(random);
    if (redactor.text(line) !== line) touched++;
  }
  return touched;
}

/** For `npm run bench`: the mix alone, the ratio of each run. */
const isForBench = process.argv[2] === '--ratios';
if (!isForBench) {
  console.log(
    `seed ${SEED}, Node ${process.version}, ${TEXTS} texts a row, median of ${RUNS - 3} runs`,
  );
  for (const kind of Object.keys(MIX) as LineKind[]) print(kind, speed(cleanTexts({ [kind]: 1 })));
}
const mix = speed(cleanTexts(MIX));
if (isForBench) {
  console.log(JSON.stringify(mix.ratios));
  process.exit();
}
print(`mix, target ${TARGET}`, mix);

function print(name: string, { redaction, sha256, ratio }: Speed): void {
  console.log(
    `${name}: redaction ${redaction.toFixed(0)} MB/s, SHA-256 ${sha256.toFixed(0)} MB/s, ratio ${ratio.toFixed(2)}`,
  );
}

const { found, planted } = recall();
const lines = 100_000;
const touched = touchedLines(lines);
console.log(
  `recall ${found} of ${planted} planted secrets (${((100 * found) / planted).toFixed(2)} %)`,
);
console.log(
  `clean lines touched ${touched} of ${lines} (${((100 * touched) / lines).toFixed(3)} %)`,
);
if (mix.ratio < TARGET * 0.9 || found < planted || touched / lines >= 0.01) process.exitCode = 1;
