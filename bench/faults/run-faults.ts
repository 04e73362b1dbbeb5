/**
 * Collection from a simulated CSS with faults, over real HTTP and with the real server. The server is
 * killed and restarted on the same data folder. At the end, every real break must be stored once.
 *
 * @module
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/cli/server/ports.ts';
import { createRandom } from '../../src/simulator/random.ts';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import type { TruePush } from '../../src/simulator/truth.ts';
import { restlessStreams } from './restless.ts';

/** Faults and length of a run. Times in ms. */
export interface FaultPlan {
  seed: number;
  /** Streams of each of the three accounts. */
  streams: number;
  /** Length of the history before the start, which only the API reports. */
  historyMs: number;
  /** How long streams break. */
  liveMs: number;
  /** Number of kill -9. */
  kills: number;
  /** How long the server is down once. */
  outageMs: number;
  /** Time between two tries of a callback. CSS waits a minute, and retries 12 times. */
  callbackRetryMs: number;
  /** Maximum delay of callbacks, which makes them arrive out of order. */
  callbackDelayMs: number;
  callbackDropPercent: number;
  callbackDuplicatePercent: number;
  apiFailurePercent: number;
  /** Until then, some failing API calls time out after 10 s. Later, all fail at once. */
  apiTimeoutsUntilMs: number;
  /** Collection must be complete this long after the last break. */
  settleMs: number;
}

/** Result of one account. */
interface AccountReport {
  /** Which sources report refusals. */
  refusals: 'callback' | 'api' | 'both';
  /** Real ends of pushes: normal ends, breaks and refusals. */
  truth: number;
  refused: number;
  /** Not reported by any source: refusals whose callback was dropped or failed. */
  unreported: number;
  /** Stored events. */
  events: number;
  /** Stored events that both sources reported. */
  merged: number;
  callbacks: Record<string, number>;
  /** Missing ends, by stream and second. */
  lost: string[];
  /** Events that are stored more than once, or never happened. */
  duplicates: string[];
}

/** Result of a run. */
export interface FaultReport {
  accounts: AccountReport[];
  kills: number;
  /** Time from the last break until collection was complete, ms. */
  settledAfterMs: number;
  /** Successful and failed polls, as counted by the last server process. */
  polls: { ok: number; error: number };
  /** Number of breaks in the roll-ups. It must equal the number of events. */
  counted: number;
}

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const MODES = ['callback', 'api', 'both'] as const;
const QUICK_FAILURES = ['RequestLimitExceeded', 'InternalError', 'http500', 'garbage'] as const;
const CALLBACK_KEY = 'faultscallbackkey';
const SECRET = { secretId: 'AKIDfaults', secretKey: 'faults-secret-key' };

/** A break as the HTTP API returns it; only the fields that are used here. */
interface ListedBreak {
  account: string;
  domain: string;
  stream: string;
  endedAt: number;
  sequence: string | null;
  sources: { source: string }[];
}

/** The real server in its own process. */
class Server {
  readonly url: string;
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  /** The end of its standard error. */
  errors = '';

  constructor(port: number, folder: string, config: string) {
    this.url = `http://127.0.0.1:${port}`;
    const { PATH, HOME, TMPDIR } = process.env;
    this.#environment = {
      PATH,
      HOME,
      TMPDIR,
      BREAKWATCH_CONFIG: config,
      BREAKWATCH_DATA: folder,
      BREAKWATCH_PORT: String(port),
    };
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN, 'serve'], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr?.on('data', (data) => {
      this.errors = (this.errors + data).slice(-20_000);
    });
    await new Promise<void>((resolve, reject) => {
      let output = '';
      child.stdout?.on('data', (data) => {
        output += data;
        if (output.includes('Breakwatch listens')) {
          resolve();
        }
      });
      child.once('exit', (code) =>
        reject(new Error(`the server exited (${code}): ${this.errors.slice(-2_000)}`)),
      );
    });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child && child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }
}

async function readEvents(url: string): Promise<ListedBreak[]> {
  const events: ListedBreak[] = [];
  let next: string | null = null;
  do {
    const search: string = next ? `&next=${encodeURIComponent(next)}` : '';
    const answer = await fetch(`${url}/api/v1/breaks?limit=20000${search}`);
    const page = (await answer.json()) as { breaks: ListedBreak[]; next: string | null };
    events.push(...page.breaks);
    next = page.next;
  } while (next);
  return events;
}

const second = (time: number) => Math.floor(time / 1_000);
const nameOf = (domain: string, stream: string, endedAt: number) =>
  `${domain}/${stream} ${second(endedAt)}`;

function count(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Names that occur more often in `names` than in `expected`. */
function extraNames(names: readonly string[], expected: readonly string[]): string[] {
  const others = count(expected);
  return [...count(names)].flatMap(([name, times]) =>
    Array<string>(Math.max(0, times - (others.get(name) ?? 0))).fill(name),
  );
}

function compare(
  simulator: Simulator,
  refusals: AccountReport['refusals'],
  events: readonly ListedBreak[],
): AccountReport {
  const { pushes, deliveries, callbacks } = simulator.truth();
  const ended = pushes.filter((push): push is TruePush & { endedAt: number } => 'endedAt' in push);
  const delivered = new Set(
    deliveries
      .filter(({ eventType, state }) => eventType === 0 && state === 'delivered')
      .map(({ sequence }) => sequence),
  );
  const inApi = ({ outcome }: TruePush) => outcome !== 'refused' || refusals !== 'callback';
  const reported = ended.filter((push) => inApi(push) || delivered.has(push.sequence));
  const expected = reported.map(({ domain, stream, endedAt }) => nameOf(domain, stream, endedAt));
  const found = events.map(({ domain, stream, endedAt }) => nameOf(domain, stream, endedAt));
  return {
    refusals,
    truth: ended.length,
    refused: ended.filter(({ outcome }) => outcome === 'refused').length,
    unreported: ended.length - reported.length,
    events: events.length,
    merged: events.filter(({ sources }) => sources.length > 1).length,
    callbacks,
    lost: extraNames(expected, found),
    duplicates: extraNames(found, expected),
  };
}

/**
 * Runs one plan.
 *
 * @param log - called for each step
 * @throws Error when the server does not restart
 */
export async function runFaults(
  plan: FaultPlan,
  log: (line: string) => void = () => undefined,
): Promise<FaultReport> {
  const random = createRandom(plan.seed);
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-faults-'));
  const port = await freePort();
  const config = join(folder, 'breakwatch.yaml');
  const simulators = await Promise.all(
    MODES.map((refusals, index) =>
      startSimulator({
        ...SECRET,
        refusals,
        seed: plan.seed + index,
        scenario: restlessStreams(plan.streams, plan.historyMs, plan.liveMs),
        callbackUrl: `http://127.0.0.1:${port}/callbacks/css/${refusals}`,
        callbackKey: CALLBACK_KEY,
        callbackRetryMs: plan.callbackRetryMs,
        apiDelayMs: 2_000,
        faults: {
          callbackDropPercent: plan.callbackDropPercent,
          callbackDuplicatePercent: plan.callbackDuplicatePercent,
          callbackDelayMs: plan.callbackDelayMs,
          apiFailurePercent: plan.apiFailurePercent,
          apiFailureMode: [...QUICK_FAILURES, 'timeout'],
        },
      }),
    ),
  );
  const liveUntil = Date.now() + plan.liveMs;
  // YAML includes JSON.
  const accounts = MODES.map((name, index) => ({
    name,
    ...SECRET,
    callbackKeys: [CALLBACK_KEY],
    endpoint: (simulators[index] as Simulator).url,
    pollSeconds: 1,
  }));
  await writeFile(config, JSON.stringify({ accounts }));
  const server = new Server(port, join(folder, 'data'), config);

  try {
    await server.start();
    // The outage starts after a third of the time. The kills are spread over the rest.
    const outageAt = plan.liveMs / 3;
    const busyMs = plan.liveMs - plan.outageMs;
    const killTimes = Array.from({ length: plan.kills }, (_, index) => {
      const at = ((index + 0.3 + random.next() * 0.4) * busyMs) / plan.kills;
      return at < outageAt ? at : at + plan.outageMs;
    });
    const startedAt = liveUntil - plan.liveMs;
    const steps = [
      ...killTimes.map((at) => ({ at, downMs: random.between(0, 600), what: 'kill -9' })),
      { at: outageAt, downMs: plan.outageMs, what: 'outage' },
    ].sort((a, b) => a.at - b.at);
    for (const { at, downMs, what } of steps) {
      await sleep(Math.max(0, startedAt + at - Date.now()));
      if (at >= plan.apiTimeoutsUntilMs) {
        for (const simulator of simulators) {
          simulator.setFaults({ apiFailureMode: [...QUICK_FAILURES] });
        }
      }
      await server.kill();
      await sleep(downMs);
      await server.start();
      log(`${what} at ${Math.round(at / 1_000)} s, down for ${downMs} ms, then restarted`);
    }
    await sleep(Math.max(0, liveUntil - Date.now()));

    const checkAccounts = async () => {
      const events = await readEvents(server.url);
      return MODES.map((mode, index) =>
        compare(
          simulators[index] as Simulator,
          mode,
          events.filter(({ account }) => account === mode),
        ),
      );
    };
    const isComplete = (reports: readonly AccountReport[]) =>
      reports.every(
        ({ lost, duplicates, callbacks }) =>
          lost.length === 0 && duplicates.length === 0 && callbacks.waiting === 0,
      );
    const endedAt = Date.now();
    let reports = await checkAccounts();
    let completeSince: number | undefined;
    let settledAfterMs = plan.settleMs;
    // Must stay complete: another poll or a late callback must not change the result.
    while (Date.now() - endedAt < plan.settleMs) {
      const last = reports
        .map(({ lost, duplicates }) => `${lost.length}/${duplicates.length}`)
        .join(' ');
      if (isComplete(reports)) {
        completeSince ??= Date.now();
        settledAfterMs = completeSince - endedAt;
        if (Date.now() - completeSince >= 3_000) {
          break;
        }
      } else {
        completeSince = undefined;
        settledAfterMs = plan.settleMs;
        log(`lost/counted twice by account: ${last}`);
      }
      await sleep(1_000);
      reports = await checkAccounts();
    }
    return {
      accounts: reports,
      kills: plan.kills,
      settledAfterMs,
      ...(await readCounts(server.url)),
    };
  } finally {
    await server.kill();
    await Promise.all(simulators.map((simulator) => simulator.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function readCounts(url: string): Promise<Pick<FaultReport, 'polls' | 'counted'>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const sum = (series: RegExp) =>
    [...text.matchAll(series)].reduce((total, [, value]) => total + Number(value), 0);
  return {
    polls: {
      ok: sum(/^breakwatch_polls_total\{.*result="ok"\} (\d+)$/gm),
      error: sum(/^breakwatch_polls_total\{.*result="error"\} (\d+)$/gm),
    },
    counted: sum(/^breakwatch_stored_breaks (\d+)$/gm),
  };
}
