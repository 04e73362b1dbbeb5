import type { Engine } from '../../src/engine/engine.ts';
import { createMetrics, type Metrics } from '../../src/server/create-metrics.ts';
import {
  createServer,
  type RunningServer,
  type ServerOptions,
} from '../../src/server/create-server.ts';
import { type AnswerCheck, checkAnswers } from './check-answers.ts';
import { createStoreEngine, type StoreEngine } from './store-engine.ts';
import { openTemporaryStore, type TemporaryStore } from './temporary-store.ts';

/** A real server on a free port, with a real store. */
export interface TestServer {
  url: string;
  engine: StoreEngine;
  temporary: TemporaryStore;
  metrics: Metrics;
  server: RunningServer;
  /** Lines of the log so far. */
  log: string[];
  /** One value of `/metrics`, by name and labels as printed there; 0 when absent. */
  metric(series: string): Promise<number>;
  /** Checks all answers against the contract. */
  answers: AnswerCheck;
  /** Stops the server. @throws when an answer violated the contract */
  stop(): Promise<void>;
}

/**
 * Starts a server.
 *
 * @param options - options that differ from the defaults
 * @param change - replaces methods of the engine
 * @param shared - a store that is still used after the server stops; default: a new store
 */
export async function startTestServer(
  options: Partial<ServerOptions> = {},
  change: (engine: StoreEngine) => Partial<Engine> = () => ({}),
  shared?: TemporaryStore,
): Promise<TestServer> {
  const temporary = shared ?? (await openTemporaryStore());
  const engine = createStoreEngine(temporary.store);
  Object.assign(engine, change(engine));
  const metrics = createMetrics('9.9.9');
  const log: string[] = [];
  const answers = checkAnswers();
  const server = await createServer({
    engine,
    metrics,
    host: '127.0.0.1',
    port: 0,
    log: (level, message) => log.push(`${level} ${message}`),
    configure: answers.configure,
    ...options,
  });
  return {
    url: server.url,
    engine,
    temporary,
    metrics,
    server,
    log,
    answers,
    async metric(series) {
      const lines = (await metrics.render(engine)).split('\n');
      const line = lines.find((one) => one.startsWith(`${series} `));
      return line ? Number(line.slice(series.length + 1)) : 0;
    },
    async stop() {
      await server.close();
      if (!shared) {
        await temporary.remove();
      }
      if (answers.problems.length > 0) {
        throw new Error(answers.problems.join('\n'));
      }
    },
  };
}
