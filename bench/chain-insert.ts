import { openStore } from '../src/store/open-store.ts';
import { createEventWriter } from '../src/store/write-events.ts';
import { sessionDrafts } from './build-store.ts';

// Prints the seconds that inserting prepared facts took; with the hash chain or, in the other bundle, without.
const [path = '', events = '20000'] = process.argv.slice(2);
const drafts = [...sessionDrafts('bench-chain', Number(events), 7)];
const store = openStore({ path, mode: 'write' });
const writer = createEventWriter(store);
const before = process.cpuUsage();
const started = performance.now();
for (let at = 0; at < drafts.length; at += 1000) writer.append(drafts.slice(at, at + 1000));
const seconds = (performance.now() - started) / 1000;
store.close();
const { user, system } = process.cpuUsage(before);
process.stdout.write(`${seconds} ${(user + system) / 1e6}\n`);
