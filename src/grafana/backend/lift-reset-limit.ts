import http2 from 'node:http2';

/** Far more than any browser refresh or alert time-out cancels at once. */
const RESETS = 1_000_000;

/**
 * Node ends an HTTP/2 session whose peer resets more than a thousand streams at a time, a guard
 * against attackers that here hits Grafana when a large dashboard is left. The gRPC library has no
 * option for it, so servers made from now on get a higher limit.
 */
export function liftResetLimit(): void {
  const createServer = http2.createServer as (
    options: http2.ServerOptions,
    ...rest: unknown[]
  ) => http2.Http2Server;
  Object.assign(http2, {
    createServer: (options: http2.ServerOptions, ...rest: unknown[]) =>
      createServer(
        { ...options, streamResetBurst: RESETS, streamResetRate: RESETS } as http2.ServerOptions,
        ...rest,
      ),
  });
}
