// 100,000 random changes to an audit package; every one that changes its meaning has to be found: single
// bytes anywhere, and events and ledger leaves deleted, doubled, moved, swapped or cut. Exits 1 when one goes unnoticed.
// Arguments: how many, seed.
import { isDeepStrictEqual } from 'node:util';
import { loadSources } from './bundle-children.mjs';

const [count = '100000', seed = '20261120'] = process.argv.slice(2);
const { MemoryStore, packageText, sampleFacts, verifyPackage } = await loadSources(
  'mutations',
  `export { verifyPackage } from './src/audit/verify-package.ts';
   export { packageText, sampleFacts } from './test/audit/sample-store.ts';
   export { MemoryStore } from './test/audit/memory-source.ts';`,
);

const store = new MemoryStore();
store.record({ session: 'alpha', facts: sampleFacts('alpha') }, { checkpointAfter: 5 });
const { text } = packageText(store.source());
const bytes = Buffer.from(text);
const original = JSON.parse(text);

let state = Number(seed);
function random(below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

function parsed(candidate) {
  try {
    return JSON.parse(candidate);
  } catch {
    return undefined;
  }
}

function changedByte() {
  const changed = Buffer.from(bytes);
  const at = random(changed.length);
  changed[at] = (changed[at] + 1 + random(255)) % 256;
  return { name: `byte ${at}`, changed };
}

const LISTS = {
  delete: (list, at) => list.splice(at, 1),
  double: (list, at, to) => list.splice(to, 0, structuredClone(list[at])),
  move: (list, at, to) => list.splice(to, 0, ...list.splice(at, 1)),
  cut: (list, at) => list.splice(at),
  swap: (list, at, to) => {
    [list[at], list[to]] = [list[to], list[at]];
  },
};

function changedList() {
  const document = structuredClone(original);
  const lists = { events: document.sessions[0].events, ledger: document.ledger };
  const where = Object.keys(lists)[random(2)];
  const how = Object.keys(LISTS)[random(5)];
  const list = lists[where];
  LISTS[how](list, random(list.length), random(list.length));
  return { name: `${how} in ${where}`, changed: Buffer.from(JSON.stringify(document)) };
}

const started = performance.now();
const exits = {};
let meaningless = 0;
const missed = [];
for (let round = 0; round < Number(count); round++) {
  const { name, changed } = round % 5 === 0 ? changedList() : changedByte();
  const { exit } = verifyPackage(() => [changed]);
  if (exit !== 0) exits[exit] = (exits[exit] ?? 0) + 1;
  else if (isDeepStrictEqual(parsed(changed.toString()), original)) meaningless++;
  else missed.push(`round ${round}: ${name}`);
}
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  `${count} changes (seed ${seed}) in ${seconds} s: ${exits[1] ?? 0} contradict, ${exits[2] ?? 0} not checkable, ` +
    `${meaningless} change nothing that is said, ${missed.length} missed`,
);
for (const line of missed.slice(0, 20)) console.log(line);
process.exitCode = missed.length === 0 ? 0 : 1;
