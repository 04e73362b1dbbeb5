/**
 * Collection against a CSS that misbehaves, over real HTTP and with the real server, which is
 * killed and started again on the same data folder; in the end every break of the simulator's truth
 * must be there once.
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
import { restless } from './restless.ts';

/** How hard and how long a run is. Times in ms. */
export interface FaultPlan {
  seed: number;
  /** Streams of each of the three accounts. */
  streams: number;
  /** Pushes before the start, which only the API tells of. */
  historyMs: number;
  /** How long streams break. */
  liveMs: number;
  /** kill -9 so many times. */
  kills: number;
  /** Nobody receives for this long. */
  outageMs: number;
  /** Time between two tries of a callback; CSS: a minute, up to 12 times. */
  callbackRetryMs: number;
  /** Callbacks come late by up to this, and so in any order. */
  callbackDelayMs: number;
  callbackDropPercent: number;
  callbackDuplicatePercent: number;
  apiFailurePercent: number;
  /** Until then some of the failing calls hang, which costs 10 s each; later they fail at once. */
  apiHangsForMs: number;
  /** After streams have calmed, collection must be complete within this. */
  settleMs: number;
}

/** What became of one account. */
interface AccountReport {
  /** Who tells of refusals. */
  refusals: 'callback' | 'api' | 'both';
  /** Ends of pushes in truth: normal ends, breaks and refusals. */
  truth: number;
  refused: number;
  /** No source told of them: refusals that only a dropped or given-up callback would have told. */
  untold: number;
  /** Stored, and how many of them with the facts of both sources. */
  events: number;
  merged: number;
  callbacks: Record<string, number>;
  /** Ends that are missing, named by stream and second. */
  lost: string[];
  /** Events too many. */
  twice: string[];
}

/** What became of a run. */
export interface FaultReport {
  accounts: AccountReport[];
  kills: number;
  /** How long it took to be complete after streams had calmed, ms. */
  settledAfterMs: number;
  /** Failed and all polls that the last server counted. */
  polls: { ok: number; error: number };
  /** Events by the roll-ups, which must be as many as there are. */
  counted: number;
}

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const MODES = ['callback', 'api', 'both'] as const;
const QUICK_FAILURES = ['RequestLimitExceeded', 'InternalError', 'http500', 'garbage'] as const;
const CALLBACK_KEY = 'faultscallbackkey';
const SECRET = { secretId: 'AKIDfaults', secretKey: 'faults-secret-key' };

/** An event as the HTTP API shows it, as far as it matters here. */
interface ShownEvent {
  account: string;
  domain: string;
  stream: string;
  endedAt: number;
  sequence: string | null;
  sources: { source: string }[];
}

/** The real server in a process of its own. */
class Server {
  readonly url: string;
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  /** What it wrote to stderr, the last of it. */
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
        reject(new Error(`the server ended (${code}): ${this.errors.slice(-2_000)}`)),
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

async function readEvents(url: string): Promise<ShownEvent[]> {
  const events: ShownEvent[] = [];
  let next: string | null = null;
  do {
    const search: string = next ? `&next=${encodeURIComponent(next)}` : '';
    const answer = await fetch(`${url}/api/v1/breaks?limit=20000${search}`);
    const page = (await answer.json()) as { breaks: ShownEvent[]; next: string | null };
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

/** Names that are in `these` more often than in `those`. */
function surplus(these: readonly string[], those: readonly string[]): string[] {
  const others = count(those);
  return [...count(these)].flatMap(([name, times]) =>
    Array<string>(Math.max(0, times - (others.get(name) ?? 0))).fill(name),
  );
}

function compare(
  simulator: Simulator,
  refusals: AccountReport['refusals'],
  events: readonly ShownEvent[],
): AccountReport {
  const { pushes, deliveries, callbacks } = simulator.truth();
  const ended = pushes.filter((push): push is TruePush & { endedAt: number } => 'endedAt' in push);
  const delivered = new Set(
    deliveries
      .filter(({ eventType, state }) => eventType === 0 && state === 'delivered')
      .map(({ sequence }) => sequence),
  );
  const inApi = ({ outcome }: TruePush) => outcome !== 'refused' || refusals !== 'callback';
  const notified = ended.filter((push) => inApi(push) || delivered.has(push.sequence));
  const wanted = notified.map(({ domain, stream, endedAt }) => nameOf(domain, stream, endedAt));
  const found = events.map(({ domain, stream, endedAt }) => nameOf(domain, stream, endedAt));
  return {
    refusals,
    truth: ended.length,
    refused: ended.filter(({ outcome }) => outcome === 'refused').length,
    untold: ended.length - notified.length,
    events: events.length,
    merged: events.filter(({ sources }) => sources.length > 1).length,
    callbacks,
    lost: surplus(wanted, found),
    twice: surplus(found, wanted),
  };
}

/**
 * Runs one plan.
 *
 * @param log - told of each step
 * @throws Error when the server does not start again
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
        scenario: restless(plan.streams, plan.historyMs, plan.liveMs),
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
  const calmAt = Date.now() + plan.liveMs;
  // JSON is YAML.
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
    // The outage begins after a third; kills are spread over the rest.
    const outageAt = plan.liveMs / 3;
    const busyMs = plan.liveMs - plan.outageMs;
    const moments = Array.from({ length: plan.kills }, (_, index) => {
      const at = ((index + 0.3 + random.next() * 0.4) * busyMs) / plan.kills;
      return at < outageAt ? at : at + plan.outageMs;
    });
    const begun = calmAt - plan.liveMs;
    const steps = [
      ...moments.map((at) => ({ at, downMs: random.between(0, 600), what: 'kill -9' })),
      { at: outageAt, downMs: plan.outageMs, what: 'outage' },
    ].sort((a, b) => a.at - b.at);
    for (const { at, downMs, what } of steps) {
      await sleep(Math.max(0, begun + at - Date.now()));
      if (at >= plan.apiHangsForMs) {
        for (const simulator of simulators) {
          simulator.setFaults({ apiFailureMode: [...QUICK_FAILURES] });
        }
      }
      await server.kill();
      await sleep(downMs);
      await server.start();
      log(`${what} at ${Math.round(at / 1_000)} s, down for ${downMs} ms and a start`);
    }
    await sleep(Math.max(0, calmAt - Date.now()));

    const judge = async () => {
      const events = await readEvents(server.url);
      return MODES.map((mode, index) =>
        compare(
          simulators[index] as Simulator,
          mode,
          events.filter(({ account }) => account === mode),
        ),
      );
    };
    const isRight = (reports: readonly AccountReport[]) =>
      reports.every(
        ({ lost, twice, callbacks }) =>
          lost.length === 0 && twice.length === 0 && callbacks.waiting === 0,
      );
    const calmed = Date.now();
    let reports = await judge();
    let rightSince: number | undefined;
    let settledAfterMs = plan.settleMs;
    // Right once is not enough: a poll or a late callback more must change nothing.
    while (Date.now() - calmed < plan.settleMs) {
      const last = reports.map(({ lost, twice }) => `${lost.length}/${twice.length}`).join(' ');
      if (isRight(reports)) {
        rightSince ??= Date.now();
        settledAfterMs = rightSince - calmed;
        if (Date.now() - rightSince >= 3_000) {
          break;
        }
      } else {
        rightSince = undefined;
        settledAfterMs = plan.settleMs;
        log(`lost/twice of each account: ${last}`);
      }
      await sleep(1_000);
      reports = await judge();
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
