/** In the thread: waits until at most `most` bytes are untaken, then counts those about to be handed over. */
export function handingOver(untaken: SharedArrayBuffer, bytes: number, most: number): void {
  const counter = new Int32Array(untaken);
  for (let now = Atomics.load(counter, 0); now > most; now = Atomics.load(counter, 0))
    Atomics.wait(counter, 0, now);
  Atomics.add(counter, 0, bytes);
}
