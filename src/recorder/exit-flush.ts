const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What has to be on the disk before the process ends. */
export interface Unwritten {
  /** The process may go on, or be ended by others: nothing that was recorded waits in memory any longer. */
  save(): void;
  /** The process ends; what others still record while it does is written at once. */
  end(): void;
}

const all = new Set<Unwritten>();

/** Writes when the process ends, by itself or by a signal. Returns what takes that back. */
export function writeOnExit(unwritten: Unwritten): () => void {
  if (all.size === 0) install();
  all.add(unwritten);
  return () => {
    if (all.delete(unwritten) && all.size === 0) uninstall();
  };
}

function onExit(): void {
  for (const unwritten of [...all]) unwritten.end();
}

/**
 * A host that does not handle the signal was to be ended by it: it is sent once more when nobody listens any longer.
 * Otherwise the others decide, and as some of them end the process only where nobody else listens, this listener
 * stands back until they have run.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) === 1) {
    onExit();
    uninstall();
    process.kill(process.pid, signal);
    return;
  }
  for (const unwritten of [...all]) unwritten.save();
  process.off(signal, onSignal);
  setImmediate(() => {
    if (all.size > 0) listen(signal);
  });
}

function install(): void {
  process.on('exit', onExit);
  for (const signal of SIGNALS) listen(signal);
}

function listen(signal: NodeJS.Signals): void {
  if (!process.listeners(signal).includes(onSignal)) process.prependListener(signal, onSignal);
}

function uninstall(): void {
  process.off('exit', onExit);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}
