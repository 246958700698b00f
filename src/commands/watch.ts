import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { AGENTS } from '../agents/registry.ts';
import { LiveDestination } from '../delivery/live-destination.ts';
import { AgentStraceError, EXIT } from '../errors.ts';
import type { Destination } from '../exporters/destination.ts';
import { SourceFollower } from '../ingest/follow-sources.ts';
import { type Lease, takeLease } from '../store/leases.ts';
import { ledgerOf } from '../store/ledger.ts';
import { storePath } from '../store/location.ts';
import { explainStoreFailure, isPassing, openStore, type Store } from '../store/open-store.ts';
import { createTraceReader } from '../store/read-trace.ts';
import { findSession } from '../store/sessions.ts';
import { drainSpool } from '../store/spool.ts';
import { createEventWriter } from '../store/write-events.ts';
import { printable } from '../view/terminal-text.ts';
import type { CommandContext } from './command.ts';
import { commonContext } from './configured-destinations.ts';
import { destinationsOf } from './destinations.ts';
import { exportSettings, settingsOfEach } from './export-settings.ts';
import { WatchGuard } from './watch-guard.ts';
import { Watching } from './watch-loop.ts';
import { openLiveSender } from './watch-sender.ts';
import { createWatchView } from './watch-view.ts';
import { type WatchdogSettings, watchdogSettings } from './watch-watchdog.ts';

const LEASE_RENEW_MILLIS = 5000;
/** Longest time to wait for another writer; signals and answers wait as long. */
const BUSY_MILLIS = 1000;
/** Longest time that flushing may take after a signal. */
const FLUSH_MILLIS = 5000;
/** A request that takes longer holds up the next one no more. */
const DEFAULT_PATIENCE_MILLIS = 5000;
const DEFAULT_IDLE_MILLIS = 30 * 60 * 1000;

/** `agent-strace watch --stream-to URL`: follows sessions as they are recorded and sends what is complete. */
export async function run(given: CommandContext): Promise<number> {
  const destinations = destinationsOf(given, 'traces');
  const context = commonContext(given, destinations);
  refuseSampling(context);
  const limits = await watchdogSettings(context);
  const store = openStore({
    path: storePath(context.options['db'] as string | undefined, context.env),
    mode: 'write',
  });
  const leases: Lease[] = [];
  try {
    for (const destination of destinations) leases.push(takeLease(store, destination.name));
    return await follow(context, store, destinations, leases, limits);
  } catch (error) {
    throw explainStoreFailure(error, store.path);
  } finally {
    for (const lease of leases) lease.release();
    store.close();
  }
}

function refuseSampling(context: CommandContext): void {
  if (context.options['sample'] === undefined) return;
  throw new AgentStraceError(
    'usage',
    '--sample needs whole traces; sample a live stream in the Collector (tail_sampling, see examples/collector)',
  );
}

async function follow(
  given: CommandContext,
  store: Store,
  destinations: readonly Destination[],
  leases: readonly Lease[],
  limits: WatchdogSettings | undefined,
): Promise<number> {
  const view = createWatchView(given);
  const { context } = view;
  const { options } = context;
  // Spans are made once for all destinations, so one's liking counts only where it is alone.
  const liked = destinations.length === 1 ? await settingsOfEach(context, store, destinations) : [];
  const settings = liked[0] ?? (await exportSettings(context, store));
  // What cannot be written now is written later; nobody is kept waiting meanwhile.
  store.database.pragma(`busy_timeout = ${BUSY_MILLIS}`);
  const ledger = ledgerOf(store);
  const senders = destinations.map((destination) => openLiveSender(context, destination));
  const source = { store, reader: createTraceReader(store), settings };
  const guard =
    limits === undefined
      ? undefined
      : new WatchGuard(context, source, limits, (root) => watching.close(root));
  const watching = new Watching(source, {
    only:
      typeof context.args[0] === 'string'
        ? findSession(store, context.args[0]).sessionId
        : undefined,
    all: options['all'] === true,
    idleMillis: (options['idleTimeout'] as number | undefined) ?? DEFAULT_IDLE_MILLIS,
    startSpan: options['startSpan'] === true,
    onOperation: (operation, root) => {
      view.operation(operation, root);
      guard?.completed(operation, root);
    },
    onTrouble: (error) =>
      context.warn(
        `${explainStoreFailure(error, store.path).message.replace('; try again', '')}; what waits is written later`,
      ),
    onAdvanced: (session) => guard?.advanced(session),
    onClosed: (session) => {
      guard?.closed(session);
      view.closed(session);
    },
  });
  watching.destinations = senders.map(
    (sender) =>
      new LiveDestination(
        {
          name: sender.name,
          format: settings.mapper.name,
          sender: sender.batch,
          second: sender.second,
          patienceMillis:
            (options['streamFlushInterval'] as number | undefined) ?? DEFAULT_PATIENCE_MILLIS,
          batchItems: (options['streamBatchSize'] as number | undefined) ?? 10,
        },
        ledger,
        () => watching.wake(),
      ),
  );
  const follower =
    options['ingest'] === false ? undefined : sourceFollower(context, store, watching);
  const takeIn = () => takeSpooled(store, context);
  const renewing = setInterval(() => {
    leases.forEach((lease) => void renew(lease));
    takeIn();
  }, LEASE_RENEW_MILLIS);
  try {
    context.say(
      `watching ${store.path}${destinations.length > 0 ? `, streaming to ${destinations.map((destination) => destination.name).join(', ')}` : ''}`,
    );
    takeIn();
    follower?.start();
    await watching.untilDone(context.signal, () => view.status(() => watching.status()));
    await guard?.finish();
    follower?.catchUp();
    const complete = await watching.flush(FLUSH_MILLIS);
    view.end(watching.status(), complete);
    return complete ? EXIT.done : EXIT.partial;
  } finally {
    view.erase();
    clearInterval(renewing);
    follower?.close();
    await Promise.all(senders.map((sender) => sender.close()));
  }
}

/** What hooks had to put beside the store while it was locked. */
function takeSpooled(store: Store, context: CommandContext): void {
  try {
    drainSpool(store, createEventWriter(store));
  } catch (error) {
    context.warn(`${explainStoreFailure(error, store.path).message}; what waits is taken in later`);
  }
}

/** A lease outlasts renewals that another writer was in the way of. */
function renew(lease: Lease): void {
  try {
    lease.renew();
  } catch (error) {
    if (!isPassing(error)) throw error;
  }
}

function sourceFollower(context: CommandContext, store: Store, watching: Watching): SourceFollower {
  const places = {
    home: context.env['HOME'] ?? homedir(),
    platform: process.platform,
    env: context.env,
  };
  const named = context.options['agent'];
  const agents = AGENTS.filter((agent) => named === undefined || agent.name === named);
  return new SourceFollower(
    { store, writer: createEventWriter(store) },
    {
      places: agents.flatMap((agent) => agent.places(places)).filter((path) => existsSync(path)),
      agents,
      poll: context.options['poll'] === true,
      sinceMillis:
        Date.now() -
        ((context.options['idleTimeout'] as number | undefined) ?? DEFAULT_IDLE_MILLIS),
      onImported: () => watching.wake(),
      onTrouble: (sentence) => context.warn(printable(sentence)),
    },
  );
}
