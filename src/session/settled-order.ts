import type { Operation } from './operation.ts';

/**
 * The operations in the order in which they were settled; those never settled come after the settled ones, in their own
 * order. Operations ahead of their turn are held back; there are few, because most are settled about when their last
 * fact comes.
 */
export function inSettledOrder<R>(
  operations: Generator<Operation, R>,
  settled: readonly string[],
): Generator<Operation, R> {
  return settled.length === 0 ? operations : reordered(operations, settled);
}

function* reordered<R>(
  operations: Generator<Operation, R>,
  settled: readonly string[],
): Generator<Operation, R> {
  const order = new Set(settled);
  const early = new Map<string, Operation>();
  const unsettled: Operation[] = [];
  let at = 0;
  for (;;) {
    const next = operations.next();
    if (next.done === true) {
      for (; at < settled.length; at++) {
        const operation = early.get(settled[at]!);
        if (operation !== undefined) yield operation;
      }
      yield* unsettled;
      return next.value;
    }
    const operation = next.value;
    if (at >= settled.length) yield operation;
    else if (!order.has(operation.id)) unsettled.push(operation);
    else early.set(operation.id, operation);
    while (at < settled.length && early.has(settled[at]!)) {
      yield early.get(settled[at]!)!;
      early.delete(settled[at]!);
      at++;
      if (at === settled.length) yield* unsettled.splice(0);
    }
  }
}
