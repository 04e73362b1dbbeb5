import type { ScopeKind } from '../../src/model/incident.ts';
import type { ChainStep } from '../../test/verdicts/chain.ts';
import type { PlayedPush } from '../../test/verdicts/play-chain.ts';
import { createIndependentRandom, type Random } from '../diagnosis/random.ts';
import { type Cause, drawLength, FAULTS, type Fault, INDEPENDENT, OBS_TRIES } from './causes.ts';

/** What a fleet has. */
export interface FleetPlan {
  streams: number;
  hours: number;
  /** Mean number of independent breaks of a session. */
  breaksPerSession: number;
  seed: number;
}

/** One stream of a fleet and its place. */
export interface Host {
  stream: string;
  domain: string;
  app: string;
  node: string;
  ip: string;
  network: string;
}

/** One real outage. Times are seconds after the start. */
export interface TrueOutage {
  stream: string;
  from: number;
  /** When the stream was live again. */
  to: number;
  /** Its shared fault; null when it broke for a reason of its own. */
  fault: TrueFault | null;
  /** It does not come back before a person fixes something. */
  needsFix: boolean;
}

/** One shared fault. Times are seconds after the start. */
export interface TrueFault extends Fault {
  value: string;
  at: number;
  /** When its streams can push again, seconds after its start. */
  lengthS: number;
  /** Part of its scope that it may hit. */
  share: number;
  /** The streams that it may hit. */
  members: ReadonlySet<string>;
  /** The streams that it hit: those that were live. */
  hit: Set<string>;
}

/** A generated day of a fleet, and the truth about it. */
export interface Fleet {
  hosts: Host[];
  /** In order of their starts; times are epoch ms UTC. */
  pushes: PlayedPush[];
  outages: TrueOutage[];
  faults: TrueFault[];
  /** Number of breaks that no shared fault caused. */
  independentBreaks: number;
}

/** A fleet's numbers of places, by its largest number of streams. */
const PLACES = [
  { upTo: 50, domains: 2, nodes: 3, networks: 3 },
  { upTo: 1_000, domains: 4, nodes: 12, networks: 40 },
  { upTo: Number.POSITIVE_INFINITY, domains: 8, nodes: 40, networks: 500 },
];
const SESSION_S = 3 * 3_600;
/** Part of the sessions in which the stream flaps once: about one stream in 50 a day. */
const FLAPPING_PART = 1 / 400;
/** A shared fault begins about every 2.4 hours. */
const FAULT_EVERY_S = 8_640;
const SHARES = [0.03, 0.1, 0.3, 0.6, 1];
/** Fewer streams than this do not make a shared fault. */
const FAULT_STREAMS = 3;

/**
 * Generates a fleet. The same plan gives the same fleet.
 *
 * @param moment0 - epoch ms UTC
 */
export function makeFleet(plan: FleetPlan, moment0: number): Fleet {
  const { seed, streams, breaksPerSession } = plan;
  const random = createIndependentRandom(seed * 7_919 + streams * 31 + breaksPerSession * 101);
  const hosts = makeHosts(plan.streams, random);
  const faults = makeFaults(hosts, plan, random);
  const fleet: Fleet = { hosts, pushes: [], outages: [], faults, independentBreaks: 0 };
  const nodes = [...new Set(hosts.map(({ node }) => node))];
  for (const host of hosts) {
    new HostRun(host, nodes, plan, fleet, moment0, random).run();
  }
  fleet.pushes.sort((a, b) => a.startedAt - b.startedAt);
  fleet.faults = faults.filter(({ hit }) => hit.size >= FAULT_STREAMS);
  return fleet;
}

/** Value of a host in a scope. */
export function placeOf(host: Host, kind: ScopeKind): string {
  switch (kind) {
    case 'domain':
      return host.domain;
    case 'app':
      return `${host.domain}/${host.app}`;
    case 'node':
      return host.node;
    case 'clientNetwork':
      return `${host.network}.0/24`;
    case 'stream':
      return `${host.domain}/${host.app}/${host.stream}`;
    default:
      return 'default';
  }
}

function makeHosts(streams: number, random: Random): Host[] {
  const places = PLACES.find(({ upTo }) => streams <= upTo) ?? PLACES[0];
  const { domains, nodes, networks } = places as (typeof PLACES)[number];
  return Array.from({ length: streams }, (_unused, index) => {
    // A few sites have many encoders, most have few.
    const network = Math.floor(networks * random.next() ** 2);
    // Every third site has one public address for all its encoders.
    const last = network % 3 === 0 ? 7 : 1 + (index % 250);
    const prefix = `10.${network >> 8}.${network & 255}`;
    return {
      stream: `room-${index}`,
      domain: `d${random.int(1, domains)}.example.com`,
      app: random.pick(['live', 'show']),
      node: `192.0.2.${random.int(1, nodes)}`,
      network: prefix,
      ip: `${prefix}.${last}`,
    };
  });
}

function makeFaults(hosts: readonly Host[], plan: FleetPlan, random: Random): TrueFault[] {
  const faults: TrueFault[] = [];
  for (let at = 5_400; at < (plan.hours - 1) * 3_600; at += FAULT_EVERY_S) {
    const kind = KINDS[(faults.length + plan.seed) % KINDS.length] as ScopeKind;
    const share = random.pick(SHARES);
    const fault = random.pick(
      FAULTS.filter((one) => one.kind === kind && one.partial.includes(share < 1)),
    );
    const scopes = Map.groupBy(hosts, (host) => placeOf(host, kind));
    const [value, inScope] = random.pick(
      [...scopes].filter(([, list]) => list.length > FAULT_STREAMS),
    ) as [string, Host[]];
    const count = Math.max(FAULT_STREAMS + 1, Math.round(inScope.length * share));
    const order = inScope.map((host) => ({ host, place: random.next() }));
    order.sort((a, b) => a.place - b.place);
    faults.push({
      ...fault,
      value,
      share,
      at: at + random.int(-1_200, 1_200),
      lengthS: fault.blocked ? random.int(600, 2_400) : random.int(60, 600),
      members: new Set(order.slice(0, count).map(({ host }) => host.stream)),
      hit: new Set(),
    });
  }
  return faults;
}

/** No encoder is back sooner after a break, s. */
const SOONEST_BACK_S = 2;
const KINDS: readonly ScopeKind[] = ['node', 'domain', 'clientNetwork', 'app', 'account'];

/** A break that is planned for a live stream. */
interface Planned {
  at: number;
  cause: Cause;
  fault: TrueFault | null;
  lengthS: number;
}

/** Plays one stream: sessions, independent breaks, flaps and shared faults. */
class HostRun {
  readonly #host: Host;
  readonly #nodes: readonly string[];
  readonly #plan: FleetPlan;
  readonly #fleet: Fleet;
  readonly #moment0: number;
  readonly #random: Random;
  #node: string;
  #live: PlayedPush | null = null;
  #down: TrueOutage | null = null;
  #numbers = 0;

  constructor(
    host: Host,
    nodes: readonly string[],
    plan: FleetPlan,
    fleet: Fleet,
    moment0: number,
    random: Random,
  ) {
    this.#host = host;
    this.#nodes = nodes;
    this.#plan = plan;
    this.#fleet = fleet;
    this.#moment0 = moment0;
    this.#random = random;
    this.#node = host.node;
  }

  run(): void {
    const end = this.#plan.hours * 3_600;
    let start = this.#random.int(30, 1_800);
    while (start < end - 600) {
      const sessionEnd = Math.min(start + SESSION_S, end - 60);
      this.#session(start, sessionEnd);
      start = sessionEnd + this.#random.int(300, 2_700);
    }
  }

  #session(start: number, end: number): void {
    this.#node = this.#host.node;
    this.#begin(start);
    const planned = this.#plannedBreaks(start, end);
    let now = start;
    for (const { at, cause, fault, lengthS } of planned) {
      // It is down, or was live too briefly for this break.
      const isElsewhere = fault?.kind === 'node' && fault.value !== this.#node;
      if (at <= now + 5 || at >= end - 5 || isElsewhere) {
        continue;
      }
      fault?.hit.add(this.#host.stream);
      this.#fleet.independentBreaks += fault ? 0 : 1;
      const back = this.#break(at, cause, fault, lengthS, end);
      if (back >= end) {
        return;
      }
      now = back;
    }
    this.#finish(end, { at: 0, do: 'end', who: [], reason: 'client_closed', errcode: 1 });
  }

  /** Independent breaks, flaps and shared faults of a session, in order. */
  #plannedBreaks(start: number, end: number): Planned[] {
    const random = this.#random;
    const planned: Planned[] = [];
    const mean = SESSION_S / this.#plan.breaksPerSession;
    for (let at = start; ; ) {
      at += -Math.log(1 - random.next()) * mean;
      if (at >= end) {
        break;
      }
      const cause = drawCause(random);
      planned.push({ at, cause, fault: null, lengthS: drawLength(cause, random) });
    }
    if (random.chance(FLAPPING_PART)) {
      let at = start + random.int(60, SESSION_S / 2);
      for (let turn = random.int(4, 10); turn > 0; turn -= 1) {
        planned.push({ at, cause: FLAP, fault: null, lengthS: random.int(2, 15) });
        at += random.int(40, 110);
      }
    }
    for (const fault of this.#fleet.faults) {
      if (fault.members.has(this.#host.stream)) {
        const late = random.next() * fault.spreadS;
        const back = fault.blocked || fault.together ? fault.lengthS : 0;
        const lengthS = Math.max(
          SOONEST_BACK_S,
          back - late + random.int(2, fault.blocked || fault.together ? 20 : 40),
        );
        planned.push({ at: fault.at + late, cause: fault, fault, lengthS });
      }
    }
    return planned.sort((a, b) => a.at - b.at);
  }

  /** @returns when the stream is live again; the end of the session or later when it is not */
  #break(
    at: number,
    cause: Cause,
    fault: TrueFault | null,
    lengthS: number,
    sessionEnd: number,
  ): number {
    this.#finish(at, { at: 0, do: 'break', who: [], ...cause.cut });
    const outage: TrueOutage = {
      stream: this.#host.stream,
      from: at,
      to: Number.POSITIVE_INFINITY,
      fault,
      needsFix: cause.refusal !== null || cause.needsFix === true,
    };
    this.#fleet.outages.push(outage);
    this.#down = outage;
    const back = at + lengthS;
    if (cause.refusal) {
      for (const wait of OBS_TRIES) {
        if (wait >= lengthS || at + wait >= sessionEnd) {
          break;
        }
        this.#begin(at + wait, cause, true);
        this.#finish(at + wait, { at: 0, do: 'refuse', who: [], ...cause.refusal });
      }
    }
    if (back < sessionEnd) {
      if (cause.moves) {
        this.#node = this.#random.pick(this.#nodes);
      }
      this.#begin(back);
    }
    return back;
  }

  #begin(at: number, cause: Cause | null = null, refused = false): void {
    const { stream, domain, app, ip } = this.#host;
    const startedAt = this.#moment0 + Math.round(at * 1_000);
    this.#numbers += 1;
    const push: PlayedPush = {
      group: { count: 1, domain, app, stream, ip, node: this.#node },
      stream,
      ip,
      node: this.#node,
      sequence: `${stream}-${this.#numbers}`,
      expiresAt: startedAt + (cause?.expired ? -600_000 : 43_200_000),
      secret: cause?.wrongSecret ? 'wrong' : 'right',
      startedAt,
      endedAt: null,
      refused,
      end: null,
    };
    this.#fleet.pushes.push(push);
    this.#live = push;
    if (!refused && this.#down) {
      this.#down.to = at;
      this.#down = null;
    }
  }

  #finish(at: number, end: ChainStep): void {
    if (this.#live) {
      this.#live.endedAt = this.#moment0 + Math.round(at * 1_000);
      this.#live.end = end;
      this.#live = null;
    }
  }
}

const FLAP = INDEPENDENT[0]?.cause as Cause;

function drawCause(random: Random): Cause {
  let left = random.next() * INDEPENDENT.reduce((sum, { weight }) => sum + weight, 0);
  for (const { cause, weight } of INDEPENDENT) {
    left -= weight;
    if (left < 0) {
      return cause;
    }
  }
  return FLAP;
}
