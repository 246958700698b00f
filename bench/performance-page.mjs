// Makes docs/performance.md from what `npm run bench`, `bench:growth` and `bench:compare` measured.
// The full benchmarks write it; `node bench/performance-page.mjs` prints it. Every figure on the page comes from the
// JSON files beside this one.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What was measured last; parts are undefined where nothing has been measured yet. */
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

Time is that of whole processes, from start to end. Floor and candidate take turns in one run, each in a process of
its own; the figure is the median of the ratios pair by pair, with the smallest and the largest. The floor of an
export reads the rows that an export has to read and prints them with \`JSON.stringify\`
([floor.ts](../bench/children/floor.ts)): about as many bytes as the trace has.

${table(['what', 'target', 'time', 'processor time', 'peak', 'verdict'], rows)}`;
}

/** Why a target is missed and what was tried, by the beginning of the case's name. */
const REASONS = [
  [
    'export --content none --no-redact to stdout',
    `Two threads make sessions side by side on two processors, and together they need the processor time of the table: the
floor's work (rows read, JSON written) and what the floor leaves out, which is folding facts into operations, looking
for silent failures and mapping. Each thread compiles its own code, a tenth of all. Tried: pages of 256 facts instead
of 1000 (× 0.8, kept, because garbage collection copies what a page holds), a thread that starts from compiled code
(kept), larger spaces for new objects, collecting garbage on one thread and compiling earlier (nothing each).`,
  ],
  [
    'the same over loopback HTTP',
    `Two lanes send sessions side by side, and both processors are busy nearly all the time, the receiver aside. A sixth of
the processor time is V8's, which compiles the same code in two threads; SQLite, \`JSON.parse\` and the kernel have a
quarter. The rest is folding, mapping, encoding, requests, answers and their places in the store, in which nothing stands
out. Starting and compiling are what is left to the target: with five times the events an export is below it (the row
below). Tried: lanes instead of one thread (× 0.77, kept, [adr/0018](../adr/0018-sending-in-lanes.md)), a look at what came
for the other lane after every 32 KiB of spans (× 0.9, kept), events read as one text and their facts looked up instead of
merged (× 0.87, kept), attributes copied at several places of the program, each of which V8 compiles for a few kinds
(× 0.98, kept), and walked in place (× 0.98, kept), prices read as data instead of loading their library (× 0.98, kept,
[adr/0012](../adr/0012-price-library.md)), encoding each span when it is made (a seventh less processor time by one thread,
kept), ids into bytes by a table and writing down settings while spans are made (both kept), requests of 128 to
1024 spans, attributes remembered in their encoded form, as JSON has them, operations without a spread of what all have in
common, reading rows by number instead of by index, V8's limits for compiling, inlining and new objects, its other compilers
(at once, early, late or not for small functions) and its marking of old objects (nothing each), making the next spans while a request is under way and two lanes for this thread (slower).
The sessions are those of real recordings by their kinds of facts and their lengths. With an answer and one call in turn,
and rows a quarter shorter, the same export takes 1.57 floors instead of 1.34, measured one after the other.`,
  ],
  [
    'import of a transcript',
    `One thread reads, parses, maps and hashes texts, the other one chains and inserts, and both processors are busy but
for the first and last tenth of a second and while the disk is waited for. In the target's time they have four floors, and
the import takes more. Reading and parsing is one of these floors; inserting the rows and nothing else is one and a
half more (the row below it; less where nothing else is on its way to the disk). The rest is mapping, parting facts into open and
sealed ones, UTF-8, commitments, identifiers, the chain and compiling code in two threads. Tried: reading in a second thread
(× 0.55, kept, [adr/0020](../adr/0020-reading-ahead.md)), handing over bytes instead of strings (× 0.92, kept) and making
drafts of them one by one (× 0.92, kept, both because garbage collection copies what waits), each thread collecting its
own garbage (a twentieth, kept), then long lines decoded by way of UTF-16, less inlining by V8's compilers and no second
count of the length of outputs (together × 0.95, kept), pages of 16 KiB in the store (× 0.92, not kept: each call of a hook
would write twice as many bytes, for good), batches of half and twice the size and small ones first, a write-ahead log of 16
or 256 MB, none at all, or one that is flushed beside (nothing each), larger spaces for new objects (a twentieth, for 250 MB
more), leaving out whole files that stand beside a result before a line is parsed, and parsing lines without decoding them
(nothing each: finding what to leave out, and decoding what is wanted, costs as much), checkpoints of the log by a third
thread, and small batches at first together with more read ahead (nothing either).
Half of the bytes of the transcript stand in lines that are not ASCII, as in the recordings at hand. Where nearly all of them
do, parsing takes longer, which is all that the floor does: the same import takes 2.75 of those floors.`,
  ],
];

function missed({ results }) {
  const reasons = results
    .filter(({ verdict }) => verdict === 'missed')
    .map(({ name }) => [name, REASONS.find(([beginning]) => name.startsWith(beginning))?.[1]]);
  if (reasons.length === 0) return undefined;
  return `## Where targets are missed

${reasons.map(([name, reason]) => `**${name}.** ${reason ?? 'Not looked into yet.'}`).join('\n\n')}`;
}

/** What an export with redaction costs, and where its limit is. The first version is commit 7f615b6. */
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
measured side by side with a later one on sessions with more spans and shorter rows, which are dearer. Now they take ${median(genai)} and ${median(otlp)}.

The limit of \`otlp-genai\` is the export without redaction (${median(plain)}): it sends no texts, so that names, ids and messages
of errors are all there is to redact. \`otlp\` sends the texts of calls. A floor that reads and prints them too takes more by
itself, and \`otlp\` is ${median(texts)} of that one: what is left is what every export does beside its floor, and redaction.`;
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
  const head = ['sessions', 'events', 'recording, µs an event', 'export, µs an event'];
  return `## Growth

\`npm run bench:growth\`. ${machineOf(about)}

${table([...head, 'peak of export, MB', '`list`, ms', 'store, bytes an event'], cells)}

From the second size to the third, which has ten times the events: recording × ${ratio(growth.recording)} an event,
export × ${ratio(growth.exporting)} an event, peak memory of export × ${ratio(growth.exportPeak)}, store × ${ratio(growth.bytes)}
an event. Small sessions cost more an event: each has a chain, a root span and a row in every table.`;
}

function comparison({ node, sessions, events, results }) {
  const rows = results.map(({ name, spans, arrived, spansPerSecond, peakMegabytes }) => [
    name,
    whole(spansPerSecond),
    whole(peakMegabytes),
    `${arrived} of ${spans}`,
  ]);
  return `## Beside others

\`npm run bench:compare\`: the same ${sessions} sessions of ${events} events to one sink on loopback, whole processes,
Node ${node}. A tool that is not installed is left out.

${table(['who', 'arrived spans a second', 'peak, MB', 'spans that arrived'], rows)}`;
}

/** The page as Markdown. */
function performancePage({ results, growth, compare }) {
  const parts = [
    `# Performance

<!-- Written by bench/performance-page.mjs from what was measured; change it there. -->

Ratios hold from machine to machine where single times do not, so that is what is measured and what has targets.
A target that is missed is said to be missed. Everything here can be measured again with the command beside it;
\`npm run bench:quick\` takes less than two minutes, with so little data that starting weighs more in it.`,
    results && ratios(results),
    results && defaults(results),
    results && missed(results),
    growth && growthTable(growth),
    compare && comparison(compare),
    `## Memory

An export holds a page of facts, the operations that are open and one request, however long a session is. Exports of
several sessions use a second thread from 60,000 facts on, and from 20,000 when they are sent, which takes a tenth to a
third off the time and 50 to 75 MB more memory; \`--threads 1\` does without. So do imports of 32 MB or more: 250 to 280 MB for a file of 500 MB,
instead of 220.`,
  ];
  return `${parts.filter((part) => part !== undefined).join('\n\n')}\n`;
}

/**
 * Keeps what was measured: a full run with the page made anew, a quick one in a file that belongs to nobody.
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
