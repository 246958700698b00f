// The least that any watcher has to do, fifty times a second: wake, wait for the disk, send. `bare-sender URL FILE`
// posts the monotonic time in nanoseconds at which it was to wake, so that the receiver knows how long that took.
import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const [url, path] = process.argv.slice(2);
const EVERY_NANOS = 20_000_000n;
const file = openSync(path, 'a');
const agent = new Agent({ keepAlive: true });

function post(body) {
  return new Promise((resolve) => {
    const outgoing = request(url, { method: 'POST', agent }, (answer) => {
      answer.resume();
      answer.on('end', resolve);
    });
    outgoing.on('error', resolve);
    outgoing.end(body);
  });
}

for (;;) {
  const due = process.hrtime.bigint() + EVERY_NANOS;
  await sleep(Number(EVERY_NANOS / 1_000_000n));
  writeSync(file, 'x'.repeat(100));
  fdatasyncSync(file);
  await post(String(due));
}
