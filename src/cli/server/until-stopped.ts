/**
 * Resolves at the first SIGINT or SIGTERM. A second signal ends the process at once with exit code 130,
 * without waiting for work in flight.
 */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (signal: NodeJS.Signals) => {
      if (isStopping) {
        process.exit(130);
      }
      isStopping = true;
      resolve(signal);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
