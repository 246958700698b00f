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
    `Two lanes send sessions side by side, and both processors are busy for four fifths of the time, the receiver aside: what
the floor does is a third of the processor time. The rest is folding, mapping and encoding (half of it), compiling code
in two threads, sockets, answers and their places in the store. Tried: lanes instead of one thread (× 0.77, kept,
[adr/0018](../adr/0018-sending-in-lanes.md)), encoding each span when it is made (a seventh less processor time by one
thread, kept), ids into bytes by a table and writing down settings while spans are made (both kept), requests of 128 to
1024 spans, handing over spans in parts of 32 and 128 KiB, attributes remembered in their encoded form, as JSON has them
(nothing each), up to 32 sessions known beforehand (the other thread no longer waits, and nothing is gained: the
processors are shared with V8's compiler and the receiver), making the next spans while a request is under way (slower:
what waits lives longer), and two lanes for this thread (slower: the other one waits for it).
In the target's time two processors have 2.4 floors, and sending 1,000,000 facts by one thread, most of it long compiled,
takes 2.4 to 2.5 floors of processor time (\`export --all --threads 1\` beside the floor on the largest store of
\`bench:growth\`).`,
  ],
  [
    'import of a transcript',
    `One thread reads, parses, maps and hashes texts, the other one chains and inserts, and both processors are busy from
beginning to end. In the target's time they have four floors, and the import takes more. Reading and parsing is one of these
floors, and inserting the rows and nothing else more than another (the row below it). The rest is mapping, parting facts into
open and sealed ones, UTF-8, commitments, the chain and compiling code in two threads. Tried: reading in a second thread
(× 0.55, kept, [adr/0020](../adr/0020-reading-ahead.md)), handing over bytes instead of strings (× 0.92, kept) and making
drafts of them one by one (× 0.92, kept, both because garbage collection copies what waits), each thread collecting its own
garbage (a twentieth, kept), batches of half and twice the size, a write-ahead log of 256 MB (nothing each), larger spaces for
new objects (a twentieth, for 250 MB more), pages of 16 and 32 KiB in the store, no write-ahead log (nothing each).`,
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

The first version that had a benchmark took 3.44 of today's floors for the defaults of \`otlp-genai\` and 5.95 for those of
\`otlp\`, measured side by side with a later one. Now they take ${median(genai)} and ${median(otlp)}.

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
