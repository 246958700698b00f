// A worker thread of `export`: makes the spans of the sessions it is given, as OTLP JSON text or protobuf.
import { parentPort, workerData } from 'node:worker_threads';
import { mapperOf } from './commands/export/export-settings.ts';
import { type SpanSource, segmentSpans } from './commands/export/export-trace.ts';
import { sessionSpans } from './commands/export/session-spans.ts';
import { redactorFor } from './commands/export/treatment.ts';
import { handingOver } from './commands/threads/handing-over.ts';
import {
  MOST_UNTAKEN,
  type ThreadMessage,
  type ThreadStart,
  type ThreadTask,
} from './commands/threads/span-thread.ts';
import { threadFailure } from './commands/threads/thread-failure.ts';
import { adapterFor } from './exporters/destination-span.ts';
import { EncodedSpans } from './exporters/encoded-spans.ts';
import { SpanTexts } from './exporters/span-texts.ts';
import { estimatedPrice } from './processing/genai-prices.ts';
import { explainStoreFailure, openStore } from './store/open-store.ts';
import { createTraceReader } from './store/read-trace.ts';
import type { ThreadData } from './thread-data.ts';

const { db, options, format, untaken, wishes } = workerData as ThreadData<ThreadStart>;
/** Spans are handed over in batches of at least this many bytes. */
const ENOUGH_BYTES = 128 * 1024;
const made =
  wishes === undefined ? new SpanTexts() : new EncodedSpans(ENOUGH_BYTES, adapterFor(wishes));

function say(message: ThreadMessage, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function handOver(): void {
  if (made.spans === 0) return;
  const bytes = new Uint8Array(made.bytes);
  const { spans, ends } = made;
  made.clear();
  handingOver(untaken, bytes.length, MOST_UNTAKEN);
  say({ type: 'spans', bytes, spans, ends }, [bytes.buffer]);
}

function fail(error: unknown): void {
  const explained = explainStoreFailure(error, db);
  say({ type: 'failed', ...threadFailure(explained) });
}

async function work(keep: () => void): Promise<void> {
  const store = openStore({ path: db, mode: 'read' });
  const mapper = await mapperOf(options['mapper'], format);
  const redactor = await redactorFor(store, options);
  const reader = createTraceReader(store);
  let isKept = false;
  const keepOnce = () => {
    if (!isKept) keep();
    isKept = true;
  };
  parentPort?.on('message', ({ root, profile, segment }: ThreadTask) => {
    const source: SpanSource = {
      store,
      reader,
      settings: { mapper, redactor, price: estimatedPrice, profile },
      damaged: new Set(),
    };
    try {
      const spans =
        segment === undefined
          ? sessionSpans(source, root, profile)
          : segmentSpans(source, root, segment, profile, true);
      for (const span of spans) {
        if (made.add(span)) handOver();
      }
      handOver();
      say({ type: 'end', isDamaged: source.damaged?.has(root.id) === true });
      keepOnce();
    } catch (error) {
      fail(error);
    }
  });
}

export function start(keep: () => void): void {
  work(keep).catch(fail);
}
