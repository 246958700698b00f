// `node bench/watch.mjs [latency] [idle] [memory] [kills] [--seconds=N] [--events=N] [--kills=N]` after `npm run build`:
// how long a completed operation takes to arrive, what a watcher costs that has nothing to do, whether its memory
// grows, and whether anything is lost while it is killed again and again. Linux: reads /proc.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist/cli.cjs');
const recorder = join(root, 'node_modules/.cache/agent-strace-bench', 'recorder.mjs');
const folder = mkdtempSync(join(tmpdir(), 'agent-strace-bench-'));
const env = { PATH: process.env.PATH, HOME: folder };
const ALL = ['latency', 'idle', 'memory', 'kills'];
const asked = process.argv.slice(2).filter((word) => ALL.includes(word));

function setting(name, usual) {
  const given = process.argv.find((word) => word.startsWith(`--${name}=`));
  return given === undefined ? usual : Number(given.split('=')[1]);
}

/** Takes OTLP as JSON and notes when each span came first. `fault` decides about a request, or lets it pass. */
async function startReceiver(fault = () => undefined) {
  const arrived = new Map();
  const digests = new Map();
  const counts = { requests: 0, spans: 0, copies: 0, differing: 0 };
  const server = createServer((request, response) => {
    const at = process.hrtime.bigint();
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      counts.requests++;
      const what = fault(counts.requests);
      if (what === 'reset') return void request.socket.destroy();
      if (what === 'hang') return undefined;
      if (typeof what === 'number')
        return void response.writeHead(what, { 'retry-after': '0' }).end('{}');
      for (const span of spansOf(Buffer.concat(chunks))) note(span, at);
      // The answer that is lost: taken, but nobody is told.
      if (what === 'lost') return void request.socket.destroy();
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      return undefined;
    });
  });
  function note(span, at) {
    counts.spans++;
    const digest = createHash('sha256').update(JSON.stringify(span)).digest('base64');
    const known = digests.get(span.spanId);
    if (known === undefined) {
      digests.set(span.spanId, digest);
      arrived.set(span.spanId, at);
    } else {
      counts.copies++;
      if (known !== digest) counts.differing++;
    }
  }
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    arrived,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}

function spansOf(body) {
  const { resourceSpans } = JSON.parse(body.toString('utf8'));
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function startWatcher(db, url, ...flags) {
  const args = [
    cli,
    'watch',
    '--all',
    '--db',
    db,
    '--stream-to',
    url,
    '--protocol',
    'http/json',
    ...flags,
  ];
  return spawn(process.execPath, args, { stdio: 'ignore', env });
}

async function ended(child) {
  if (child.exitCode === null && child.signalCode === null)
    await new Promise((resolve) => child.once('exit', resolve));
}

/** Records for so long; resolves to the span ids with the time of their commit. */
async function record(db, { sessions, perSecond, seconds, calls }) {
  const child = spawn(
    process.execPath,
    [recorder, db, sessions, perSecond, seconds, calls].map(String),
    { stdio: ['ignore', 'pipe', 'inherit'], env },
  );
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  await new Promise((resolve) => child.once('close', resolve));
  const committed = new Map();
  for (const line of Buffer.concat(chunks).toString('utf8').trim().split('\n')) {
    const [at, ...ids] = line.split(' ');
    for (const id of ids) committed.set(id, BigInt(at));
  }
  return committed;
}

async function allArrived(committed, receiver, seconds) {
  const until = performance.now() + seconds * 1000;
  const missing = () => [...committed.keys()].filter((id) => !receiver.arrived.has(id)).length;
  while (missing() > 0 && performance.now() < until) await sleep(100);
  return missing();
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

const status = (pid, name) =>
  Number(
    new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ??
      Number.NaN,
  );
const megabytes = (pid, name = 'VmRSS') => status(pid, name) / 1024;

/** Time on a processor, all threads together. */
function cpuSeconds(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spent = threads.map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'),
  );
  return spent.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e9, 0);
}

async function latency() {
  const seconds = setting('seconds', 30);
  const db = join(folder, 'latency.db');
  const receiver = await startReceiver();
  // The first facts make the store; the watcher is there when the measured ones come.
  await record(db, { sessions: 1, perSecond: 50, seconds: 0.2, calls: 5 });
  const watcher = startWatcher(db, receiver.url);
  await sleep(2000);
  const committed = await record(db, {
    sessions: 1,
    perSecond: 100,
    seconds,
    calls: 500,
  });
  const missing = await allArrived(committed, receiver, 20);
  watcher.kill('SIGINT');
  await ended(watcher);
  const millis = [...committed].flatMap(([id, at]) => {
    const there = receiver.arrived.get(id);
    return there === undefined ? [] : [Number(there - at) / 1e6];
  });
  millis.sort((a, b) => a - b);
  await receiver.close();
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => quantile(millis, share).toFixed(1));
  console.log(
    `latency at 100 events a second: ${millis.length} spans, p50 ${p50} ms, p99 ${p99} ms (target 50), longest ${most} ms, ${missing} missing`,
  );
}

/** Share of a core that a process takes while nothing happens, in percent. */
async function idleShare(pid, seconds) {
  // What is loaded, compiled and collected after the start is not what is asked for.
  await sleep(20_000);
  const [before, began] = [cpuSeconds(pid), performance.now()];
  await sleep(seconds * 1000);
  return ((cpuSeconds(pid) - before) / ((performance.now() - began) / 1000)) * 100;
}

async function idle() {
  const seconds = setting('seconds', 60);
  const db = join(folder, 'idle.db');
  mkdirSync(join(folder, '.claude/projects/-srv-shop'), { recursive: true });
  const receiver = await startReceiver();
  await record(db, { sessions: 1, perSecond: 100, seconds: 1, calls: 20 });
  const watcher = startWatcher(db, receiver.url);
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env });
  const [share, floor] = await Promise.all(
    [watcher, bare].map(({ pid }) => idleShare(pid, seconds)),
  );
  console.log(
    `idle watcher: ${share.toFixed(2)} % of a core over ${seconds} s (target 0.20; a Node that only wakes once a second: ${floor.toFixed(2)} %), ${megabytes(watcher.pid).toFixed(0)} MB`,
  );
  bare.kill();
  watcher.kill('SIGINT');
  await ended(watcher);
  await receiver.close();
}

async function memory() {
  const events = setting('events', 200_000);
  const perSecond = setting('pace', 2000);
  const db = join(folder, 'memory.db');
  const receiver = await startReceiver();
  await record(db, { sessions: 1, perSecond: 50, seconds: 0.2, calls: 5 });
  const watcher = startWatcher(db, receiver.url, '--stream-batch-size', '200');
  const samples = [];
  const sampling = setInterval(
    () => samples.push([receiver.arrived.size * 2, megabytes(watcher.pid)]),
    1000,
  );
  const committed = await record(db, {
    sessions: 10,
    perSecond,
    seconds: events / perSecond,
    calls: 2000,
  });
  const missing = await allArrived(committed, receiver, 600);
  clearInterval(sampling);
  const most = megabytes(watcher.pid, 'VmHWM');
  watcher.kill('SIGINT');
  await ended(watcher);
  await receiver.close();
  const at = (share) => samples[Math.min(samples.length - 1, Math.floor(samples.length * share))];
  const steps = [0.1, 0.25, 0.5, 0.75, 0.99]
    .map(at)
    .map(([seen, size]) => `${Math.round(seen / 1000)}k: ${size.toFixed(0)} MB`);
  console.log(
    `memory over ${committed.size * 2} events in sessions of 4,000: ${steps.join(', ')}; most ${most.toFixed(0)} MB, ${missing} missing`,
  );
}

async function kills() {
  const wanted = setting('kills', 100);
  const db = join(folder, 'kills.db');
  const FAULTS = { 7: 503, 11: 429, 13: 'reset', 17: 'lost', 97: 'hang' };
  const receiver = await startReceiver(
    (number) => Object.entries(FAULTS).find(([every]) => number % Number(every) === 0)?.[1],
  );
  await record(db, { sessions: 1, perSecond: 50, seconds: 0.2, calls: 5 });
  let watcher = startWatcher(
    db,
    receiver.url,
    '--stream-batch-size',
    '100',
    '--request-timeout',
    '2s',
  );
  const started = performance.now();
  const recording = record(db, {
    sessions: 10,
    perSecond: 2000,
    seconds: wanted * 1.6,
    calls: 1000,
  });
  for (let count = 0; count < wanted; count++) {
    await sleep(600 + Math.random() * 2000);
    watcher.kill('SIGKILL');
    await ended(watcher);
    watcher = startWatcher(
      db,
      receiver.url,
      '--stream-batch-size',
      '100',
      '--request-timeout',
      '2s',
    );
  }
  const committed = await recording;
  const missing = await allArrived(committed, receiver, 600);
  watcher.kill('SIGINT');
  await ended(watcher);
  await receiver.close();
  const { requests, copies, differing } = receiver.counts;
  console.log(
    `${wanted} kills in ${Math.round((performance.now() - started) / 1000)} s: ${committed.size} spans recorded, ${missing} missing, ${copies} spare copies in ${requests} requests, ${differing} differing`,
  );
  if (missing + differing > 0) process.exitCode = 1;
}

await build({
  absWorkingDir: root,
  entryPoints: ['bench/children/recorder.ts'],
  outfile: recorder,
  bundle: true,
  platform: 'node',
  format: 'esm',
  external: ['better-sqlite3'],
  logLevel: 'warning',
});
console.log(
  `Node ${process.version}, ${cpus().length} cores, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`,
);
const CASES = { latency, idle, memory, kills };
try {
  for (const name of asked.length > 0 ? asked : ALL) await CASES[name]();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
