// `node bench/hooks.mjs [runs] [holds]` after `npm run build`: hooks of ten agents as processes of their own, ten at
// once, 10,000 runs, while another writer keeps the store locked for longer than a hook waits. Afterwards the store has
// to hold exactly what was handed over, and an unbroken chain. Exits 1 when anything is missing, double or altered.
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadSources } from './bundle-children.mjs';

const RUNS = Number(process.argv[2] ?? 10_000);
/** How often the other writer locks the store. */
const HOLDS = Number(process.argv[3] ?? 5);
const AT_ONCE = 10;
/** Longer than a hook waits for a locked store. */
const HOLD_MILLIS = 1500;
const SLOWEST_RUN_MILLIS = 60_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist/cli.cjs');
const folder = mkdtempSync(join(tmpdir(), 'agent-strace-hooks-'));
const db = join(folder, 'store.db');
const env = { PATH: process.env.PATH, HOME: folder, AGENT_STRACE_DB: db };

function readers() {
  return loadSources(
    'hooks',
    `export { openStore } from './src/store/open-store.ts';
     export { createTraceReader } from './src/store/read-trace.ts';
     export { listSessions } from './src/store/sessions.ts';`,
  );
}

/** One call of a hook, and the facts it has to become: session, kind, key and text. */
function told(session, event, payload, ...facts) {
  const common = { session_id: session, hook_event_name: event, cwd: '/srv/shop' };
  const input = JSON.stringify({ ...common, ...payload });
  return { event, input, facts: facts.map((fact) => `${session} ${fact}`) };
}

/** What one agent reports, one hook after the other. */
function* agentHooks(session) {
  yield told(session, 'SessionStart', { source: 'startup' }, 'session_start', 'session_info');
  for (let call = 0; ; call++) {
    const prompt_id = `prompt-${Math.floor(call / 20)}`;
    if (call % 20 === 0) {
      const prompt = `Step ${call}: “größer”, then ${'what follows '.repeat(call % 50)}`;
      yield told(
        session,
        'UserPromptSubmit',
        { prompt_id, prompt },
        `turn_start`,
        textual('prompt', '', prompt),
      );
    }
    const tool_use_id = `call-${call}`;
    const tool_input = { command: `echo ${call} ${'x'.repeat((call * 37) % 4000)}` };
    const tool_response = { stdout: `${call}\n`, stderr: '', interrupted: false };
    const common = { prompt_id, tool_use_id, tool_name: 'Bash', tool_input };
    yield told(
      session,
      'PreToolUse',
      common,
      textual('tool_call', tool_use_id, JSON.stringify(tool_input)),
    );
    yield told(
      session,
      'PostToolUse',
      { ...common, tool_response, duration_ms: call },
      textual('tool_result', tool_use_id, JSON.stringify(tool_response)),
    );
  }
}

const textual = (kind, key, text) =>
  `${kind} ${key} ${createHash('sha256').update(text).digest('hex')}`;

/** Resolves to how long it took, in milliseconds. Throws when the agent would have noticed something. */
function runHook({ event, input }) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, [cli, 'hook', event], { env, stdio: 'pipe' });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk;
      });
    const late = setTimeout(() => child.kill('SIGKILL'), SLOWEST_RUN_MILLIS);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(late);
      if (code !== 0 || said !== '') reject(new Error(`${event} ended with ${code}: ${said}`));
      else resolve(performance.now() - start);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Keeps the store locked now and then, as a long import would. */
async function holdNowAndThen(done) {
  const Sqlite = createRequire(import.meta.url)('better-sqlite3');
  for (let held = 0; held < HOLDS; held++) {
    while (done() < ((held + 0.5) / HOLDS) * RUNS) await sleep(20);
    const other = new Sqlite(db, { timeout: 30_000 });
    other.exec('BEGIN IMMEDIATE');
    await sleep(HOLD_MILLIS);
    other.exec('ROLLBACK');
    other.close();
  }
}

/** Throws when the hash chain of a session is broken. */
async function verify() {
  const child = spawn(process.execPath, [cli, 'verify'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`verify ended with ${code}: ${said}`);
}

/** Every fact of the store in the form that {@link agentHooks} uses. */
function* storedFacts({ openStore, createTraceReader, listSessions }) {
  const store = openStore({ path: db, mode: 'read' });
  const reader = createTraceReader(store);
  for (const { id } of listSessions(store)) {
    for (let after = 0, page; ; after = page.at(-1).event.seq) {
      page = reader.page(id, after, Number.MAX_SAFE_INTEGER, 1000);
      if (page.length === 0) break;
      for (const { event } of page) {
        const text = event.contents.map(({ name }) => reader.content(event.seq, name)).join('');
        const fact =
          text === '' ? event.kind : textual(event.kind, event.facts.call_id ?? '', text);
        yield `${event.session} ${fact}`;
      }
    }
  }
  store.close();
}

/** Counts a fact up or down; what stays in the map is missing (above zero) or too much (below). */
function tally(counts, fact, by) {
  const count = (counts.get(fact) ?? 0) + by;
  if (count === 0) counts.delete(fact);
  else counts.set(fact, count);
}

async function main() {
  const sessions = Array.from({ length: AT_ONCE }, () => randomUUID());
  const agents = sessions.map(agentHooks);
  const sent = new Map();
  const millis = [];
  let given = 0;
  const next = async () => {
    const hook = agents[given++ % AT_ONCE].next().value;
    millis.push(await runHook(hook));
    for (const fact of hook.facts) tally(sent, fact, 1);
  };
  const started = performance.now();
  // The start of every session; a start reported for a session that is already known is one more fact.
  await Promise.all(agents.map(next));
  // Each worker takes the next hook of any agent, so that one agent's hooks also run at the same time.
  const work = async () => {
    while (given < RUNS) await next();
  };
  await Promise.all([
    ...Array.from({ length: AT_ONCE }, work),
    holdNowAndThen(() => millis.length),
  ]);
  const seconds = (performance.now() - started) / 1000;
  // Each hook takes in some of what waits beside the store.
  for (const session of sessions) {
    const last = told(session, 'SessionEnd', { reason: 'other' }, 'session_end');
    await runHook(last);
    for (const fact of last.facts) tally(sent, fact, 1);
  }
  await verify();
  const facts = [...sent.values()].reduce((sum, count) => sum + count, 0);
  const apart = new Map(sent);
  for (const fact of storedFacts(await readers())) tally(apart, fact, -1);
  const missing = [...apart.values()].filter((count) => count > 0).length;
  millis.sort((a, b) => a - b);
  const at = (share) => millis[Math.floor((millis.length - 1) * share)].toFixed(0);
  console.log(
    `${RUNS} hooks, ${AT_ONCE} at once, in ${seconds.toFixed(0)} s (median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms): ` +
      `${facts} facts handed over, ${missing} missing, ${apart.size - missing} too much or altered; ` +
      `${HOLDS} locks of ${HOLD_MILLIS} ms, in which ${keptBeside()} waited in files of which ${waitingBeside()} are left; every chain holds`,
  );
  for (const [fact, count] of [...apart].slice(0, 10)) console.log(`  ${count}: ${fact}`);
  if (apart.size > 0 || waitingBeside() > 0) process.exitCode = 1;
}

/** What hooks noted beside the store. */
function troubles() {
  try {
    return readFileSync(`${db}.log`, 'utf8');
  } catch {
    return '';
  }
}

/** Hooks that found the store locked. */
function keptBeside() {
  return troubles().split('kept beside the store').length - 1;
}

/** Files of facts that the store could not take yet. */
function waitingBeside() {
  try {
    return readdirSync(`${db}-spool`).length;
  } catch {
    return 0;
  }
}

console.log(
  `Node ${process.version}, ${cpus().length} cores, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`,
);
try {
  await main();
} catch (error) {
  console.log(String(error));
  console.log(troubles().slice(-2000));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
