const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Facts that must be on disk before the process ends. */
export interface Unwritten {
  /** Writes everything held in memory: the process may go on, or be ended by another listener. */
  save(): void;
  /** The process is ending; facts that still arrive are written at once. */
  end(): void;
}

const all = new Set<Unwritten>();

/** Writes when the process ends, by itself or by a signal. Returns a function that undoes this. */
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
 * Without other listeners the signal was meant to end the host, so it is sent again once this listener is removed.
 * Otherwise the other listeners decide; since some end the process only if nobody else listens, this one is removed
 * until they have run.
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
