const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What has to be on the disk before the process ends. */
export interface Unwritten {
  /** The process goes on: what waits is written. */
  flush(): unknown;
  /** The process ends. */
  close(): void;
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
  for (const unwritten of [...all]) unwritten.close();
}

/**
 * A host that handles the signal itself may go on. One that does not was to be ended by it, so it is sent once more
 * when nobody listens any longer.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) {
    for (const unwritten of [...all]) unwritten.flush();
    return;
  }
  onExit();
  uninstall();
  process.kill(process.pid, signal);
}

function install(): void {
  process.on('exit', onExit);
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
}

function uninstall(): void {
  process.off('exit', onExit);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}
