/**
 * Resolves at the first SIGINT or SIGTERM. A second one ends the process at once, for whoever does
 * not want to wait for the work in hand.
 */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals) => {
      if (asked) {
        process.exit(130);
      }
      asked = true;
      resolve(signal);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
