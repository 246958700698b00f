import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { endedBySignals } from '../../ended-by-signals.ts';
import { type Checkpoint, loadCheckpoint } from '../../ingest/checkpoints.ts';
import type { Source } from '../../ingest/discover.ts';
import { endLines } from '../../ingest/end-lines.ts';
import { type ImportContext, importSource } from '../../ingest/import-source.ts';
import { countStored, markFailed, newReport, type SourceReport } from '../../ingest/report.ts';
import { BULK_BYTES, beginBulk } from '../../store/bulk-writing.ts';
import { unpack } from '../../store/fact-batches.ts';
import type { Store } from '../../store/open-store.ts';
import type { CommandContext } from '../command.ts';
import { counted } from '../output/counted.ts';
import { withReadRules } from '../redaction-rules.ts';
import type { ReadingMessage, ReadingStart, ReadingTask } from './reading-thread.ts';
import { spareProcessors } from './v8-flags.ts';
import { WorkingThread } from './working-thread.ts';

/** Below this many new bytes, starting a thread takes longer than it saves. */
const WORTH_BYTES = 32 * 1024 * 1024;

type FactsRead = Extract<ReadingMessage, { type: 'facts' }>;
type ReadingEnd = Exclude<ReadingMessage, { type: 'facts' | 'failed' }>;

/** A thread that reads one file after another, a few megabytes ahead of the thread that stores the facts. */
class ReadingThread {
  readonly #thread: WorkingThread<ReadingStart, ReadingEnd | FactsRead>;
  readonly #messages: (ReadingEnd | FactsRead)[] = [];

  constructor(start: ReadingStart) {
    this.#thread = new WorkingThread('import-thread', start, (message) =>
      this.#messages.push(message),
    );
  }

  /** The thread's next message; undefined once it was closed. Throws the thread's error. */
  async next(): Promise<ReadingEnd | FactsRead | undefined> {
    for (;;) {
      if (this.#thread.isClosed) return undefined;
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      await this.#thread.more();
    }
  }

  /** So many bytes are stored, so the thread may go on. */
  stored(bytes: number): void {
    this.#thread.taken(bytes);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}

function isReadByThread({ detection }: Source): boolean {
  return detection.container === 'lines' && detection.undocumented === undefined;
}

/** New bytes of a file since its last checkpoint; a compressed file that has changed is read completely. */
function newBytes(size: number, last: Checkpoint | undefined): number {
  if (last === undefined || last.size > size) return size;
  return last.size === size ? 0 : size - last.offset;
}

/** What a second thread should read; nothing if it would not pay. `asked` is the value of `--threads`. */
function tasksOf(store: Store, sources: readonly Source[], asked: unknown): ReadingTask[] {
  if (asked === 1 || (asked === undefined && availableParallelism() < 2)) return [];
  const tasks = sources.filter(isReadByThread).map(({ path, size, agent, detection }) => ({
    path,
    size,
    agent: agent.name,
    detection,
    last: loadCheckpoint(store, path),
  }));
  const bytes = tasks.reduce((sum, { size, last }) => sum + newBytes(size, last), 0);
  return asked !== undefined || bytes >= WORTH_BYTES ? tasks : [];
}

/**
 * Imports the sources in order, and reports each. If there is much to read, one thread reads and parses while this
 * one stores, which halves the time for a single 500 MB file. SIGINT and SIGTERM stop it.
 */
export async function* importSources(
  context: ImportContext,
  sources: readonly Source[],
  command: Pick<CommandContext, 'options' | 'signal'>,
): AsyncGenerator<SourceReport> {
  const { store } = context;
  const { options } = command;
  const tasks = tasksOf(store, sources, options['threads']);
  const taskOf = new Map(tasks.map((task) => [task.path, task]));
  if (tasks.length > 0) spareProcessors();
  const thread =
    tasks.length > 0
      ? new ReadingThread({ db: store.path, options: withReadRules(options), tasks })
      : undefined;
  // Asked for only now: without a thread, nothing waits, and only the system can end the process.
  const signal = thread === undefined ? undefined : command.signal;
  const stop = () => void thread?.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (const source of sources) {
      // A signal that has arrived must be heard before the handlers are taken away.
      if (signal !== undefined) await setImmediate();
      if (signal?.aborted) return;
      const task = taskOf.get(source.path);
      yield thread !== undefined && task !== undefined
        ? await importFromThread(context, source, task, thread)
        : endedBySignals(() => importSource(context, source));
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    await thread?.close();
  }
}

/** Stores what the thread reads from a source. */
async function importFromThread(
  context: ImportContext,
  source: Source,
  { size, last }: ReadingTask,
  thread: ReadingThread,
): Promise<SourceReport> {
  const { store } = context;
  const report = newReport(source.path, source.agent.name, source.detection.dialect);
  const endBulk = newBytes(size, last) >= BULK_BYTES ? beginBulk(store) : undefined;
  let end: ReadingEnd | undefined;
  try {
    end = await storeFacts(context, thread, report);
  } finally {
    endBulk?.();
  }
  if (end === undefined) {
    const stored = `${counted(report.eventsAdded, 'event')} of it stored`;
    markFailed(report, `stopped with ${stored}; the next import reads the rest`);
    return report;
  }
  if (end.type === 'unchanged') report.status = 'unchanged';
  else Object.assign(report, end.counts);
  const isRedacted = context.clean !== undefined;
  if (end.type === 'end') endLines({ store, isRedacted }, source, report, end.reached);
  if (end.type === 'unread') markFailed(report, end.why);
  return report;
}

/**
 * Stores facts up to the end of their file and returns the thread's last message about it; undefined if the thread
 * was stopped.
 */
async function storeFacts(
  { writer }: ImportContext,
  thread: ReadingThread,
  report: SourceReport,
): Promise<ReadingEnd | undefined> {
  let facts = 0;
  for (;;) {
    const message = await thread.next();
    if (message?.type !== 'facts') {
      if (message !== undefined && message.type !== 'unchanged' && message.facts !== facts)
        throw new Error(`${message.facts} facts were read, but ${facts} arrived`);
      return message;
    }
    const { batch, counts } = message;
    countStored(report, writer.appendCommitted(unpack(batch)));
    Object.assign(report, counts);
    facts += batch.facts;
    thread.stored(batch.bytes);
    // Messages that have already arrived would keep signals waiting.
    await setImmediate();
  }
}
