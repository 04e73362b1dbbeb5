import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { maskedError } from '../../secrets/masked-error.ts';
import type { Config } from '../config/read-config.ts';
import { freePort } from './ports.ts';
import { type RunningBreakwatch, runServer } from './run-server.ts';

const SIMULATOR = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url));
const POLL_SECONDS = 5;
const BACKFILL_MS = 86_400_000;

/**
 * Starts the demo: a simulated CSS in a process of its own, and a server in this process that collects
 * from it as from the real CSS. Each run creates new keys and passes them in the environment only.
 *
 * The server listens before the simulator starts, so that the first callback arrives. It polls after the
 * simulator listens, so that the first poll succeeds.
 *
 * @param config - host, port, token and rules apply. The data folder is a temporary one, unless
 *   BREAKWATCH_DATA names another
 * @param scenario - `demo`: mostly calm; `busy`: a break every few seconds. SIMULATOR_SCENARIO replaces it
 * @returns `close` stops both and deletes the temporary data folder
 * @throws what `runServer` throws; `INTERNAL` when the simulator cannot start
 */
export async function startDemo(
  config: Config,
  environment: NodeJS.ProcessEnv,
  scenario: 'demo' | 'busy',
): Promise<{ close(): Promise<void> }> {
  const temporary = environment.BREAKWATCH_DATA
    ? undefined
    : await mkdtemp(join(tmpdir(), 'breakwatch-demo-'));
  const secret = () => randomBytes(16).toString('hex');
  const [secretId, secretKey, callbackKey, pushKey] = [secret(), secret(), secret(), secret()];
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  let running: RunningBreakwatch | undefined;
  let simulator: ChildProcess | undefined;
  const close = async () => {
    if (simulator && simulator.exitCode === null) {
      simulator.kill('SIGTERM');
      await once(simulator, 'exit');
    }
    await running?.close();
    if (temporary) {
      await rm(temporary, { recursive: true, force: true });
    }
  };
  try {
    running = await runServer({
      ...config,
      // Simulated breaks must not page anyone.
      alerts: undefined,
      // Nor may they get into the database of real ones.
      database: undefined,
      dataFolder: temporary ?? config.dataFolder,
      accounts: [
        {
          name: 'default',
          site: 'cn',
          endpoint,
          credentials: { secretId, secretKey },
          callbackKeys: [callbackKey],
          pushKeys: [{ domain: '*', key: pushKey }],
          backfillMs: BACKFILL_MS,
          pollSeconds: POLL_SECONDS,
        },
      ],
    });
    simulator = spawn(process.execPath, [SIMULATOR], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...environment,
        SIMULATOR_PORT: String(port),
        SIMULATOR_SECRET_ID: secretId,
        SIMULATOR_SECRET_KEY: secretKey,
        SIMULATOR_CALLBACK_URL: `${running.server.url}/callbacks/css/default`,
        SIMULATOR_CALLBACK_KEY: callbackKey,
        SIMULATOR_PUSH_KEY: pushKey,
        SIMULATOR_PUSH_EXCEPTIONS: '1',
        SIMULATOR_SCENARIO: environment.SIMULATOR_SCENARIO || scenario,
        SIMULATOR_PARENT_PID: String(process.pid),
      },
    });
    await simulatorReady(simulator);
    running.engine.startPolling();
  } catch (thrown) {
    await close();
    throw thrown;
  }
  process.stdout.write(
    `No account is configured, so a simulated CSS (process ${simulator.pid}, ${endpoint})\nfeeds this server (process ${process.pid}): open ${running.server.url}\n`,
  );
  if (config.alerts && (config.alerts.alertmanager || config.alerts.webhooks.length > 0)) {
    process.stdout.write(
      'The demo does not notify the alert channels of breakwatch.yaml, because nothing real broke.\n',
    );
  }
  return { close };
}

function simulatorReady(simulator: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: simulator.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      if (line.includes('listening')) {
        resolve();
      }
    });
    simulator.once('error', reject);
    simulator.once('exit', (code) =>
      reject(maskedError('INTERNAL', { problem: `the simulator ended with code ${code}` })),
    );
  });
}
