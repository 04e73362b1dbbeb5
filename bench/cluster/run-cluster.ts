import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { startReceiver } from '../../test/alerts/receiver.ts';
import { Random } from '../../test/fuzz/random.ts';
import { prepareServe, type ServeProcess } from '../../test/helpers/serve-process.ts';
import { CALLBACK_KEY } from '../../test/helpers/signed-callback.ts';
import { startPostgres } from '../../test/postgres/start-postgres.ts';
import { balanceCallbacks } from './balanced-callbacks.ts';
import { countStored, type StoredCounts, until } from './count-stored.ts';
import { type DroppingSocket, openDroppingSocket } from './dropping-socket.ts';

const FAULTS = ['kill', 'stop', 'drop'] as const;
type Fault = (typeof FAULTS)[number];

/** What a run does. */
export interface ClusterPlan {
  /** Faults of servers; every third one is of the same kind. */
  faults: number;
  /** Restarts of PostgreSQL, spread over the faults. */
  restarts: number;
  /** Breaks a second. */
  perSecond: number;
  seed: number;
  log: (line: string) => void;
}

/** What a run found. */
export interface ClusterReport extends StoredCounts {
  instances: number;
  /** Callbacks that were sent again because no server took them. */
  repeated_by_sender: number;
  /** Accounts whose page never came. */
  pages_missing: number;
  /** Notices that arrived again, with the same id and dedup key. */
  notices_repeated: number;
  /** The most of these after one fault. */
  notices_repeated_most: number;
  /** Notices of one alert and kind with another id or dedup key. */
  notices_different: number;
  /** Hand-overs, from the fault until the next leader has derived a callback that came after it. */
  handovers: number;
  handover_p95_s: number;
  handover_max_s: number;
  faults: Record<Fault | 'restart', number>;
  seed: number;
}

const INSTANCES = 3;
/** The answer of the receiver, ms: a server may die while it waits for it. */
const RECEIVER_MS = 150;
/** A fault that is not over after this time, ms, fails the run. */
const OVER_WITHIN_MS = 60_000;

interface Server {
  process: ServeProcess;
  socket: DroppingSocket;
  isUp: boolean;
}

/** Runs three servers on one PostgreSQL in a storm, with faults at random. */
export async function runCluster(plan: ClusterPlan): Promise<ClusterReport> {
  const { seed, log } = plan;
  const randomness = new Random(seed);
  const random = () => randomness.next();
  const postgres = await startPostgres({
    settings: ['max_connections=200', 'shared_buffers=64MB'],
  });
  const folder = mkdtempSync(join(tmpdir(), 'breakwatch-cluster-'));
  const receiver = await startReceiver();
  receiver.behave = (_request, response) => setTimeout(() => response.end('ok'), RECEIVER_MS);
  const accounts = ['storm', ...Array.from({ length: plan.faults }, (_one, n) => `a${n}`)];
  const servers: Server[] = [];
  const counted: Record<Fault | 'restart', number> = { kill: 0, stop: 0, drop: 0, restart: 0 };
  const handovers: number[] = [];
  const repeatsOfFaults: number[] = [];

  const within = (what: string, isOver: () => Promise<boolean>) =>
    until(what, isOver, OVER_WITHIN_MS);
  const query = async (text: string): Promise<pg.QueryResult['rows']> => {
    const client = new pg.Client({
      host: postgres.socket,
      user: 'breakwatch',
      database: 'breakwatch',
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query('SET search_path TO breakwatch');
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  const isDerived = async (stream: string) =>
    (await query(`SELECT 1 FROM breaks WHERE stream = '${stream}'`)).length > 0;
  const leaderIn = async (): Promise<Server | undefined> => {
    for (const server of servers.filter(({ isUp }) => isUp)) {
      const answer = await fetch(`${server.process.url}/api/v1/health`, {
        signal: AbortSignal.timeout(2_000),
      }).catch(() => undefined);
      const health = (await answer?.json()) as { cluster?: { leads: boolean } } | undefined;
      if (health?.cluster?.leads) {
        return server;
      }
    }
    return undefined;
  };
  const repeats = () => {
    const seen = new Set<string>();
    return receiver.received.filter(({ body }) => seen.has(body.id) || !seen.add(body.id)).length;
  };
  const load = balanceCallbacks(() => servers.map(({ process: { url } }) => url), random);

  async function doFault(kind: Fault, server: Server): Promise<void> {
    counted[kind] += 1;
    server.isUp = false;
    if (kind === 'kill') {
      await server.process.kill('SIGKILL');
    } else if (kind === 'stop') {
      process.kill(server.process.pid() as number, 'SIGSTOP');
    } else {
      server.socket.drop();
    }
  }

  async function endFault(kind: Fault, server: Server): Promise<void> {
    if (kind === 'kill') {
      await server.process.start();
    } else if (kind === 'stop') {
      process.kill(server.process.pid() as number, 'SIGCONT');
    } else {
      server.socket.heal();
    }
    server.isUp = true;
  }

  /** A fault while an alert is about to notify, and what follows. */
  async function runFault(number: number): Promise<void> {
    await within('a leader', async () => (await leaderIn()) !== undefined);
    const leader = (await leaderIn()) as Server;
    const others = servers.filter((one) => one !== leader);
    const hitsLeader = random() < 0.75;
    const server = hitsLeader ? leader : (others[Math.floor(random() * others.length)] as Server);
    const kind = FAULTS[number % FAULTS.length] as Fault;
    const before = repeats();
    for (let stream = 0; stream < 12; stream++) {
      void load.report(`a${number}`, `a${number}-${stream}`);
    }
    await wait(random() * 3_000);
    const faultAt = performance.now();
    await doFault(kind, server);
    await load.report('storm', `probe-${number}`);
    await within(`${kind} of server ${servers.indexOf(server)}`, () =>
      isDerived(`probe-${number}`),
    );
    const tookMs = performance.now() - faultAt;
    if (hitsLeader) {
      handovers.push(tookMs);
    }
    await wait(1_000 + random() * 2_000);
    await endFault(kind, server);
    await within(`the page of a${number}`, async () =>
      receiver.received.some(
        ({ body }) => body.type === 'alert.page' && body.alert.labels.account === `a${number}`,
      ),
    );
    await wait(500);
    repeatsOfFaults.push(repeats() - before);
    log(
      `${number} ${kind} ${hitsLeader ? 'leader' : 'other'} ${(tookMs / 1_000).toFixed(1)} s, ${repeats() - before} repeated`,
    );
  }

  async function restart(): Promise<void> {
    counted.restart += 1;
    await postgres.stop(counted.restart % 2 ? 'immediate' : 'fast');
    await wait(1_000);
    await postgres.start();
    await load.report('storm', `restart-${counted.restart}`);
    await within('PostgreSQL was restarted', () => isDerived(`restart-${counted.restart}`));
    log(`restart ${counted.restart}`);
  }

  try {
    for (let n = 0; n < INSTANCES; n++) {
      const socket = await openDroppingSocket(join(folder, `s${n}`), postgres.socket);
      const url = `postgres://breakwatch@/breakwatch?host=${encodeURIComponent(socket.folder)}`;
      const yaml = [
        `database: '${url}'`,
        'accounts:',
        ...accounts.map(
          (name) => `  - { name: ${name}, site: cn, callbackKeys: ['${CALLBACK_KEY}'] }`,
        ),
        'alerts:',
        '  grafanaAlerting: false',
        `  channels: [{ name: on-call, type: webhook, url: '${receiver.url}', sendUpdates: false }]`,
      ].join('\n');
      const served = await prepareServe(yaml, { BREAKWATCH_CALLBACK_KEY: '' });
      await served.start();
      servers.push({ process: served, socket, isUp: true });
    }
    load.start('storm', plan.perSecond);
    for (let number = 0; number < plan.faults; number++) {
      await runFault(number);
      if (
        Math.floor(((number + 1) * plan.restarts) / plan.faults) >
        Math.floor((number * plan.restarts) / plan.faults)
      ) {
        await restart();
      }
    }
    await load.stop();
    const counts = await countStored(query, load.acknowledged, OVER_WITHIN_MS);
    const sorted = handovers.sort((a, b) => a - b);
    const keys = new Map<string, Set<string>>();
    for (const { body } of receiver.received) {
      const one = `${body.alert.labels.account} ${body.type}`;
      keys.set(one, (keys.get(one) ?? new Set()).add(`${body.id} ${body.dedupKey}`));
    }
    const pagesOf = (account: string) => keys.get(`${account} alert.page`)?.size ?? 0;
    return {
      instances: INSTANCES,
      ...counts,
      repeated_by_sender: load.repeated,
      pages_missing: accounts.slice(1).filter((account) => pagesOf(account) === 0).length,
      notices_repeated: repeats(),
      notices_repeated_most: Math.max(0, ...repeatsOfFaults),
      notices_different: accounts.slice(1).filter((account) => pagesOf(account) > 1).length,
      handovers: sorted.length,
      handover_p95_s: seconds(sorted[Math.max(0, Math.ceil(sorted.length * 0.95) - 1)]),
      handover_max_s: seconds(sorted.at(-1)),
      faults: counted,
      seed,
    };
  } finally {
    for (const { process: served, socket } of servers) {
      if (process.env.CLUSTER_VERBOSE) {
        log(served.errors);
      }
      socket.heal();
      const pid = served.pid();
      if (pid !== undefined) {
        try {
          process.kill(pid, 'SIGCONT');
        } catch {
          // It has ended.
        }
      }
      await served.remove();
      socket.close();
    }
    await receiver.close();
    await postgres.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

function seconds(ms = 0): number {
  return Math.round(ms / 100) / 10;
}
