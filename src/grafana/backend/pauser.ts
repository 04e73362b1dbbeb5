/**
 * Makes a function that long work awaits now and then: it lets the event loop turn when the work
 * has held it for a while, and costs next to nothing otherwise. One loop serves alerts, dashboards
 * and health alike, so nobody may hold it for long.
 *
 * @param budgetMs - how long work may hold the loop at a stretch
 */
export function pauser(budgetMs = 10): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < budgetMs) {
      return undefined;
    }
    return new Promise((resolve) =>
      setImmediate(() => {
        since = performance.now();
        resolve();
      }),
    );
  };
}
