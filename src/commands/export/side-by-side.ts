/** Runs tasks concurrently. If one fails, `stop` must end the others; once all have ended, throws the first failure. */
export async function sideBySide(
  works: readonly (() => Promise<void>)[],
  stop: () => void,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(
    works.map(async (work) => {
      try {
        await work();
      } catch (error) {
        failure ??= { error };
        stop();
      }
    }),
  );
  if (failure !== undefined) throw failure.error;
}
