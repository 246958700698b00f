// A worker thread of `import`: reads line-based files and hands over their facts, ready to be stored.
import { closeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { AGENTS } from './agents/registry.ts';
import { draftCleaner } from './commands/clean-drafts.ts';
import { redactorFor } from './commands/export/treatment.ts';
import { handingOver } from './commands/threads/handing-over.ts';
import {
  MOST_UNTAKEN,
  type ReadingMessage,
  type ReadingStart,
  type ReadingTask,
} from './commands/threads/reading-thread.ts';
import { threadFailure } from './commands/threads/thread-failure.ts';
import type { Source } from './ingest/discover.ts';
import { openLines, readRecords, whyUnread } from './ingest/read-records.ts';
import { newCounts, type ReadCounts } from './ingest/report.ts';
import type { EventDraft } from './session/event.ts';
import { FactPacker } from './store/fact-batches.ts';
import { explainStoreFailure, openStore, type Store } from './store/open-store.ts';
import type { ThreadData } from './thread-data.ts';

const { db, options, tasks, untaken } = workerData as ThreadData<ReadingStart>;
/** Called once the first facts have been handed over. */
let compiled: (() => void) | undefined;

function say(message: ReadingMessage, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

/** Hands over the packed facts and counts them. */
function handOver(packer: FactPacker, counts: ReadCounts): number {
  const batch = packer.take();
  if (batch === undefined) return 0;
  handingOver(untaken, batch.bytes, MOST_UNTAKEN);
  say(
    { type: 'facts', batch, counts },
    [batch.numbers, ...batch.pages].map(({ buffer }) => buffer as ArrayBuffer),
  );
  compiled?.();
  compiled = undefined;
  return batch.facts;
}

type Clean = (draft: EventDraft) => EventDraft;

function readTask(store: Store, source: Source, last: ReadingTask['last'], clean: Clean): void {
  const counts = newCounts();
  const packer = new FactPacker();
  let facts = 0;
  try {
    const opened = openLines(source, last);
    if (opened === undefined) {
      say({ type: 'unchanged' });
      return;
    }
    try {
      const reached = readRecords(store, opened, counts, (drafts) => {
        for (const draft of drafts) packer.add(clean(draft));
        if (packer.isFull) facts += handOver(packer, counts);
      });
      facts += handOver(packer, counts);
      say({ type: 'end', counts, facts, reached });
    } finally {
      closeSync(opened.file);
    }
  } catch (error) {
    const why = whyUnread(error, source);
    if (why === undefined) throw error;
    facts += handOver(packer, counts);
    say({ type: 'unread', counts, facts, why });
  }
}

async function work(keep: () => void): Promise<void> {
  compiled = keep;
  const store = openStore({ path: db, mode: 'read' });
  const clean =
    options['redact'] === true
      ? draftCleaner(await redactorFor(store, { ...options, redact: undefined }))
      : (draft: EventDraft) => draft;
  for (const { path, size, agent: name, detection, last } of tasks) {
    const agent = AGENTS.find((one) => one.name === name);
    if (agent === undefined) throw new Error(`there is no agent ${name}`);
    readTask(store, { path, size, agent, detection }, last, clean);
  }
  store.close();
}

function fail(error: unknown): void {
  const explained = explainStoreFailure(error, db);
  say({ type: 'failed', ...threadFailure(explained) });
}

export function start(keep: () => void): void {
  work(keep).catch(fail);
}
