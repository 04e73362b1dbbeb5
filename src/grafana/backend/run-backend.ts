import packageJson from '../../../package.json' with { type: 'json' };
import { attachServer, handshakeLine } from './attach-server.ts';
import { CallsInHand } from './CallsInHand.ts';
import { createGrpcServer } from './create-grpc-server.ts';
import { createMetrics } from './create-metrics.ts';
import { Instances } from './Instances.ts';
import { log } from './log.ts';
import { openService } from './open-service.ts';

/** Grafana kills two seconds after it closed the connection; all must be over before. */
const DRAIN_MS = 1_500;
/** Time for the last answer to leave. */
const LAST_WORDS_MS = 100;
/** A data source that nobody asks for this long is closed. */
const IDLE_MS = 15 * 60_000;
const LOOK_FOR_IDLE_MS = 30_000;
const LOOK_FOR_PARENT_MS = 1_000;

/**
 * Serves Grafana until it says to end or goes away itself.
 *
 * @param printHandshake - writes the line that tells Grafana where to connect
 */
export async function runBackend(printHandshake: (line: string) => void): Promise<void> {
  const { env } = process;
  const parent = process.ppid;
  const calls = new CallsInHand();
  const metrics = createMetrics((mode) => instances.count(mode));
  const instances = new Instances({
    environment: env,
    idleMs: IDLE_MS,
    open: (settings) =>
      openService(settings, {
        version: packageJson.version,
        rulesFolder: env.GF_PLUGIN_RULES_PATH || undefined,
        hooks: metrics.hooks,
      }),
  });

  let ending: Promise<void> | undefined;
  /** Ends all work, at most for a while. */
  function shutDown(): Promise<void> {
    ending ??= (async () => {
      const finished = (async () => {
        await calls.drain();
        await instances.closeAll();
        return true;
      })();
      const late = new Promise<false>((resolve) => setTimeout(resolve, DRAIN_MS, false));
      if (!(await Promise.race([finished, late]))) {
        log('warn', 'ending with work still in hand');
      }
      listener.close();
    })();
    return ending;
  }
  function end(why: string): void {
    log('info', 'ending', { why });
    void shutDown().then(() => process.exit(0));
  }

  const server = createGrpcServer({
    instances,
    calls,
    metrics,
    shutDown: async () => {
      log('info', 'ending', { why: 'Grafana says so' });
      await shutDown();
      setTimeout(() => process.exit(0), LAST_WORDS_MS);
    },
  });
  const listener = await attachServer(server, env);
  process.on('exit', () => listener.close());

  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGHUP', () => end('SIGHUP'));
  // Ctrl-C reaches the whole group; Grafana decides what it means.
  process.on('SIGINT', () => undefined);
  setInterval(() => {
    if (process.ppid !== parent) {
      end('Grafana is gone');
    }
  }, LOOK_FOR_PARENT_MS).unref();
  setInterval(() => void instances.closeIdle(), LOOK_FOR_IDLE_MS).unref();

  printHandshake(handshakeLine(listener));
  log('info', 'Breakwatch is ready', { version: packageJson.version, node: process.version });
}
