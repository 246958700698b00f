// Generates docs/performance.md from the results of `npm run bench`, `bench:growth` and `bench:compare`.
// The full benchmarks write it; `node bench/performance-page.mjs` prints it. The measured figures come from the JSON files
// in this folder.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

/** The latest results; parts that have not been measured yet are undefined. */
function measurements() {
  const [results, growth, compare] = ['results.json', 'growth.json', 'compare.json'].map((name) => {
    try {
      return JSON.parse(readFileSync(beside(name), 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }
  });
  return { results, growth, compare };
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const ratio = (value) => value.toFixed(2);
const whole = (value) => (value === undefined ? '–' : String(Math.round(value)));

function machineOf({ node, sqlite, processor, cores, memoryGiB, platform, date, seed }) {
  const database = sqlite === undefined ? '' : `, SQLite ${sqlite}`;
  return `Node ${node}${database}, ${platform}, ${cores} × ${processor}, ${memoryGiB} GiB, ${date}, seed ${seed}.`;
}

function ratios({ about, results }) {
  const rows = results.map(({ name, target, least, wall, cpu, peakMegabytes, verdict }) => [
    name,
    target === undefined ? '–' : `${least ? 'at least' : 'at most'} ${target}`,
    `${ratio(wall.median)} (${ratio(wall.min)}–${ratio(wall.max)})`,
    cpu === undefined ? '–' : ratio(cpu.median),
    peakMegabytes === undefined ? '–' : `${whole(peakMegabytes)} MB`,
    verdict,
  ]);
  return `## Ratios

\`npm run bench\`. ${machineOf(about)}

Times are those of whole processes, from start to end. The candidate and its *floor*, a program that does only the
unavoidable part of the work, alternate in one run, each in a process of its own. The figure is the median of the ratios
of all pairs, with the smallest and the largest. The floor of an export reads the rows that an export has to read and
prints them with \`JSON.stringify\` ([floor.ts](../bench/children/floor.ts)): about as many bytes as the trace has.

${table(['what', 'target', 'time', 'processor time', 'peak', 'verdict'], rows)}`;
}

/** Why a target is missed and what was tried, by the beginning of the case's name. */
const REASONS = [
  [
    'export --content none --no-redact to stdout',
    `Two threads make sessions in parallel on two processors; together they need the processor time in the table. Part of it
is the work of the floor (reading rows, writing JSON), the rest is what the floor leaves out: folding facts into operations,
looking for silent failures, and mapping. Each thread compiles its own code, which takes a tenth of the total. Tried and
kept: pages of 256 facts instead of 1000 (× 0.8, because garbage collection copies what a page holds), and starting the
thread from compiled code. Tried without any gain: larger spaces for new objects, collecting garbage on one thread, and
compiling earlier.`,
  ],
  [
    'the same over loopback HTTP',
    `Two lanes send sessions in parallel, and both processors are busy nearly all the time, not counting the receiver. A
sixth of the processor time is taken by V8, which compiles the same code in two threads; SQLite, \`JSON.parse\` and the
kernel take a quarter. The rest is folding, mapping, encoding, requests, responses and ledger entries, with no part that
stands out. What separates it from the target is starting and compiling: with five times the events, an export is below the
target (the next row).

Tried and kept: lanes instead of one thread (× 0.77, [adr/0018](../adr/0018-sending-in-lanes.md)); serving the other lane
after every 32 KiB of spans (× 0.9); reading events as one text and looking up their facts instead of merging them (× 0.87);
copying attributes at several places in the program, each of which V8 compiles for a few kinds (× 0.98), and walking them in
place (× 0.98); reading prices as data instead of loading their library (× 0.98,
[adr/0012](../adr/0012-price-library.md)); encoding each span when it is made (a seventh less processor time with one
thread); converting ids to bytes with a table; and writing settings down while spans are made.

Tried without any gain: requests of 128 to 1024 spans; remembering attributes in their encoded form, as JSON does; operations
without spreading what all have in common; reading rows by number instead of by index; V8's limits for compiling, inlining
and new objects; its other compilers (at once, early, late, or not for small functions); and its marking of old objects.
Making the next spans while a request is in flight, and two lanes for the main thread, were slower.

The sessions resemble real recordings in their kinds of facts and their lengths. With alternating answers and single calls,
and rows a quarter shorter, the same export takes 1.57 floors instead of 1.34, measured one after the other.`,
  ],
  [
    'baseline check of a small session',
    `Node's own start is one floor. A script that only loads SQLite, opens the same store and counts its sessions takes 1.4
floors, measured beside; reading compiled code, loading node:crypto for the digest of the baseline, comparing and printing
take the rest. The figures of all sessions are kept in the store, and the program starts from compiled code.

Tried and kept: a compiled form for each subcommand (× 0.93); asking whether the output is a terminal without loading
Node's streams, unless it may be one (× 0.96); modules without esbuild's copies of their exports, and classes of characters
looked up when needed (together × 0.96). Tried without any gain: the digest by code of our own instead of node:crypto
(× 1.07), and the table of options as JSON.`,
  ],
  [
    'import of a transcript',
    `One thread reads, parses, maps and hashes texts, the other one chains and inserts. Both processors are busy except in
the first and the last tenth of a second and while waiting for the disk. Within the target's time they could do the work of
four floors; the import takes more. Reading and parsing is one of these floors; merely inserting the rows is one and a half
more (the next row; less if nothing else is on its way to the disk). The rest is mapping, splitting facts into open and
sealed ones, UTF-8, commitments, identifiers, the chain, and compiling code in two threads.

Tried and kept: reading in a second thread (× 0.55, [adr/0020](../adr/0020-reading-ahead.md)); handing over bytes instead of
strings (× 0.92) and making drafts from them one by one (× 0.92), both because garbage collection copies what waits; each
thread collecting its own garbage (a twentieth); then decoding long lines by way of UTF-16, less inlining by V8's compilers,
and not counting the length of outputs twice (together × 0.95).

Tried and not kept: pages of 16 KiB in the store (× 0.92, but each hook call would permanently write twice as many bytes),
and larger spaces for new objects (a twentieth, for 250 MB more). Tried without any gain: batches of half and twice the size,
and small ones first; a write-ahead log of 16 or 256 MB, none at all, or one that is flushed in parallel; leaving out whole
files that accompany a result before a line is parsed, and parsing lines without decoding them (finding what to leave out,
and decoding what is wanted, costs as much); checkpoints of the log by a third thread; and small batches at first together
with more reading ahead.

Half of the bytes of the transcript are in lines that are not ASCII, as in the recordings at hand. If nearly all of them are,
parsing takes longer, and parsing is all that the floor does: the same import then takes 2.75 of those floors.`,
  ],
];

function missed({ results }) {
  const reasons = results
    .filter(({ verdict }) => verdict === 'missed')
    .map(({ name }) => [name, REASONS.find(([beginning]) => name.startsWith(beginning))?.[1]]);
  if (reasons.length === 0) return undefined;
  return `## Where targets are missed

${reasons.map(([name, reason]) => `**${name}.** ${reason ?? 'Not investigated yet.'}`).join('\n\n')}`;
}

/** What an export with redaction costs, and its lower limit. The first version is commit 7f615b6. */
function defaults({ results }) {
  const find = (beginning) => results.find(({ name }) => name.startsWith(beginning));
  const [plain, genai, otlp, texts] = [
    'export --content none --no-redact',
    'defaults of otlp-genai',
    'defaults of otlp ÷',
    'the same ÷ a floor that reads',
  ].map(find);
  if (plain === undefined || genai === undefined || otlp === undefined || texts === undefined)
    return undefined;
  const median = ({ wall }) => ratio(wall.median);
  return `## What the defaults cost

The first version that had a benchmark took 3.44 floors for the defaults of \`otlp-genai\` and 5.95 for those of \`otlp\`,
measured together with a later version on sessions with more spans and shorter rows, which take longer. Now they take ${median(genai)}
and ${median(otlp)}.

The limit of \`otlp-genai\` is the export without redaction (${median(plain)}): it sends no texts, so only names, ids and error
messages have to be redacted. \`otlp\` sends the texts of calls. A floor that also reads and prints these takes longer itself,
and \`otlp\` takes ${median(texts)} of that one: the difference is what every export does besides its floor, and redaction.`;
}

function growthTable({ about, rows, growth }) {
  const cells = rows.map((row) => [
    row.sessions.toLocaleString('en'),
    row.events.toLocaleString('en'),
    row.recording.wallMicrosPerEvent.toFixed(1),
    row.exporting.wallMicrosPerEvent.toFixed(1),
    whole(row.exporting.peakMegabytes),
    whole(row.listMillis),
    whole(row.bytesPerEvent),
  ]);
  const head = ['sessions', 'events', 'recording, µs per event', 'export, µs per event'];
  return `## Growth

\`npm run bench:growth\`. ${machineOf(about)}

${table([...head, 'peak of export, MB', '`list`, ms', 'store, bytes per event'], cells)}

From the second size to the third, which has ten times the events, the cost per event changes by these factors:
recording × ${ratio(growth.recording)}, export × ${ratio(growth.exporting)}, store × ${ratio(growth.bytes)}. Peak memory of the export: × ${ratio(growth.exportPeak)}.
Small sessions cost more per event, because each has a chain, a root span and a row in every table.`;
}

function comparison({ node, sessions, events, results }) {
  const rows = results.map(({ name, spans, arrived, spansPerSecond, peakMegabytes }) => [
    name,
    whole(spansPerSecond),
    whole(peakMegabytes),
    `${arrived} of ${spans}`,
  ]);
  return `## Comparison

\`npm run bench:compare\`: the same ${sessions} sessions of ${events} events to one sink on loopback, whole processes,
Node ${node}. A tool that is not installed is left out.

${table(['who', 'arrived spans per second', 'peak, MB', 'spans that arrived'], rows)}`;
}

/** The page as Markdown. */
function performancePage({ results, growth, compare }) {
  const parts = [
    `# Performance

<!-- Written by bench/performance-page.mjs from what was measured; change it there. -->

Ratios are comparable between machines; single times are not. So ratios are what is measured and what has targets, and
missed targets are reported as missed. Everything here can be measured again with the command given beside it.
\`npm run bench:quick\` takes less than two minutes, with so little data that start-up has more weight.`,
    results && ratios(results),
    results && defaults(results),
    results && missed(results),
    growth && growthTable(growth),
    compare && comparison(compare),
    `## Memory

An export holds a page of facts, the open operations and one request in memory, however long a session is. Exports of
several sessions use a second thread from 60,000 facts on (from 20,000 when sending), which saves a tenth to a third of the
time and takes 50 to 75 MB more memory; \`--threads 1\` avoids it. Imports of 32 MB or more also use a second thread:
250 to 280 MB for a file of 500 MB instead of 220.`,
  ];
  return `${parts.filter((part) => part !== undefined).join('\n\n')}\n`;
}

/**
 * Saves what was measured: a full run together with a new page, a quick one in a file that is not in the repository.
 * @param {'results' | 'growth' | 'compare'} name
 */
export function keep(name, measured, quick) {
  writeFileSync(
    beside(quick ? `${name}-quick.json` : `${name}.json`),
    `${JSON.stringify(measured, null, 2)}\n`,
  );
  if (!quick) writeFileSync(beside('../docs/performance.md'), performancePage(measurements()));
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(performancePage(measurements()));
