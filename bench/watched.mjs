// What bench/watch.mjs measures with: a receiver, watchers and recorders as processes of their own, and what the
// system reports about them. Linux: reads /proc.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
/** How much longer than requested a recorder may take. */
const LATE_MILLIS = 120_000;

/**
 * Takes OTLP as JSON and notes when each span came first. `fault` decides about a request: a status, `reset`, `hang`,
 * `lost` (accepted, but the answer is lost), or nothing.
 */
export async function startReceiver(fault = () => undefined) {
  const arrived = new Map();
  const digests = new Map();
  const bareMillis = [];
  const counts = { requests: 0, spans: 0, copies: 0, differing: 0 };
  const server = createServer((request, response) => {
    const at = process.hrtime.bigint();
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      if (request.url === '/bare') {
        bareMillis.push(Number(at - BigInt(Buffer.concat(chunks).toString())) / 1e6);
        response.end();
        return;
      }
      counts.requests++;
      const what = fault(counts.requests);
      if (what === 'hang') return;
      if (typeof what === 'number') {
        response.writeHead(what, { 'retry-after': '0' }).end('{}');
        return;
      }
      if (what !== 'reset') for (const span of spansOf(Buffer.concat(chunks))) note(span, at);
      if (what === 'reset' || what === 'lost') request.socket.destroy();
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
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
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    arrived,
    counts,
    bareMillis,
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

export function startWatcher(env, db, url, ...flags) {
  const to = ['--stream-to', url, '--protocol', 'http/json'];
  const args = [cli, 'watch', '--all', '--db', db, ...to, ...flags];
  return spawn(process.execPath, args, { stdio: 'ignore', env });
}

/** Resolves when it has ended, after the signal if one is given. */
export async function ended(child, signal) {
  if (signal !== undefined) child.kill(signal);
  if (child.exitCode === null && child.signalCode === null)
    await new Promise((resolve) => child.once('exit', resolve));
}

/** Records for that long with the bundled bench/children/recorder.ts; resolves to the span ids with the time of their commit. */
export async function record(env, recorder, db, { sessions, perSecond, seconds, calls }) {
  const args = [recorder, db, sessions, perSecond, seconds, calls].map(String);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const late = setTimeout(() => child.kill('SIGKILL'), seconds * 1000 + LATE_MILLIS);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(late);
  if (code !== 0) throw new Error(`the recorder ended with ${code}`);
  const committed = new Map();
  for (const line of Buffer.concat(chunks).toString('utf8').trim().split('\n')) {
    const [at, ...ids] = line.split(' ');
    for (const id of ids) committed.set(id, BigInt(at));
  }
  return committed;
}

/** How many spans are missing when all have come, or none has come for a minute. Half an hour at most. */
export async function missingOf(committed, receiver) {
  const until = performance.now() + 30 * 60_000;
  let missing = [...committed.keys()];
  for (let lastAt = performance.now(); ; ) {
    const before = missing.length;
    missing = missing.filter((id) => !receiver.arrived.has(id));
    const now = performance.now();
    if (missing.length < before) lastAt = now;
    if (missing.length === 0 || now - lastAt > 60_000 || now > until) return missing.length;
    await sleep(200);
  }
}

/** Of numbers in ascending order. */
export function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Memory of a process in megabytes: `VmRSS` now, `VmHWM` at most. */
export function megabytes(pid, name = 'VmRSS') {
  const found = new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? Number.NaN) / 1024;
}

/** Time on a processor, all threads together. */
export function cpuSeconds(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spent = threads.map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'),
  );
  return spent.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e9, 0);
}

/** Sends the least that any watcher would have to, beside what is measured: the receiver notes how long each took. */
export function startBareSender(env, receiver, file) {
  const script = fileURLToPath(new URL('children/bare-sender.mjs', import.meta.url));
  return spawn(process.execPath, [script, `${receiver.url}/bare`, file], { env, stdio: 'ignore' });
}
