const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Makes a call that takes long, or that may block for as long as another process likes. Node runs no signal handlers
 * meanwhile, so they are taken away, and the system ends the program.
 */
export function endedBySignals<T>(call: () => T): T {
  const handlers = SIGNALS.map((signal) => [signal, process.listeners(signal)] as const);
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  try {
    return call();
  } finally {
    for (const [signal, listeners] of handlers)
      for (const listener of listeners) process.on(signal, listener);
  }
}
