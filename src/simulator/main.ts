import { parseArgs } from 'node:util';
import { type Simulator, type SimulatorOptions, startSimulator } from './start-simulator.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    scenario: { type: 'string' },
    seed: { type: 'string' },
    site: { type: 'string' },
    refusals: { type: 'string' },
    'callback-url': { type: 'string' },
  },
});
const { env } = process;

/**
 * Environment variables, with their defaults: SIMULATOR_PORT (7071; 0 = any free port), _SCENARIO
 * (demo), _SEED (1), _SITE (cn; or intl), _REFUSALS (both; or callback, api), _CALLBACK_URL, _STREAMS
 * (100, for arrears-storm), _API_DELAY_MS (5000), _CALLBACK_RETRY_MS (60000), _PUSH_EXCEPTIONS (1
 * sends their callbacks), _PARENT_PID (stops when this process ends). Secrets have no flags, because
 * other users can read a command line: _SECRET_ID, _SECRET_KEY, _CALLBACK_KEY, _PUSH_KEY.
 */
const options: SimulatorOptions = {
  port: readInteger('SIMULATOR_PORT', values.port ?? env.SIMULATOR_PORT, 7071),
  secretId: env.SIMULATOR_SECRET_ID || 'AKIDsimulator',
  secretKey: env.SIMULATOR_SECRET_KEY || 'simulated-secret-key',
  callbackUrl: values['callback-url'] ?? (env.SIMULATOR_CALLBACK_URL || undefined),
  callbackKey: env.SIMULATOR_CALLBACK_KEY || undefined,
  pushKey: env.SIMULATOR_PUSH_KEY || undefined,
  scenario: values.scenario ?? (env.SIMULATOR_SCENARIO || 'demo'),
  scenarioOptions: env.SIMULATOR_STREAMS
    ? { streams: readInteger('SIMULATOR_STREAMS', env.SIMULATOR_STREAMS, 100) }
    : {},
  seed: readInteger('SIMULATOR_SEED', values.seed ?? env.SIMULATOR_SEED, 1),
  site: readChoice<'cn' | 'intl'>('SIMULATOR_SITE', values.site ?? env.SIMULATOR_SITE, [
    'cn',
    'intl',
  ]),
  refusals: readChoice<'both' | 'callback' | 'api'>(
    'SIMULATOR_REFUSALS',
    values.refusals ?? env.SIMULATOR_REFUSALS,
    ['both', 'callback', 'api'],
  ),
  apiDelayMs: readInteger('SIMULATOR_API_DELAY_MS', env.SIMULATOR_API_DELAY_MS, 5000),
  pushExceptions: env.SIMULATOR_PUSH_EXCEPTIONS === '1',
  callbackRetryMs: readInteger(
    'SIMULATOR_CALLBACK_RETRY_MS',
    env.SIMULATOR_CALLBACK_RETRY_MS,
    60_000,
  ),
};

let simulator: Simulator;
try {
  simulator = await startSimulator(options);
} catch (error) {
  fail((error as Error).message);
}
process.stdout.write(`simulator listening on ${simulator.url}\n`);

let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  void simulator.stop().then(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

const parent = Number(env.SIMULATOR_PARENT_PID);
if (Number.isInteger(parent) && parent > 0) {
  setInterval(() => {
    try {
      process.kill(parent, 0);
    } catch (error) {
      // EPERM means that the process exists, but belongs to another user.
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') stop();
    }
  }, 1000).unref();
}

function readInteger(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback;
  if (!/^\d+$/.test(text)) fail(`${name} must be a whole number, not "${text}"`);
  return Number(text);
}

function readChoice<T extends string>(
  name: string,
  text: string | undefined,
  list: readonly T[],
): T {
  if (text === undefined || text === '') return list[0] as T;
  const found = list.find((item) => item === text);
  return found ?? fail(`${name} must be one of ${list.join(', ')}, not "${text}"`);
}

function fail(message: string): never {
  process.stderr.write(`simulator: ${message}\n`);
  process.exit(1);
}
