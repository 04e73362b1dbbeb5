import type { BreakRecord } from '../../src/model/break.ts';
import type { Scope } from '../../src/model/incident.ts';
import type { Push } from '../../src/model/push.ts';
import { cut, livePush, refused } from '../../test/incidents/story.ts';
import { createRandom } from '../diagnosis/random.ts';

/** A generated storm and its real causes. Times are seconds after noon of the story. */
export interface Storm {
  /** In random order; 5 % are lost. */
  records: BreakRecord[];
  pushes: Push[];
  causes: { scope: Scope; streams: Set<string> }[];
  /** The streams that were live in a scope, for comparing two scopes. */
  liveIn(scope: Scope): Set<string>;
  /** When to group the incidents. */
  until: number;
}

interface Host {
  stream: string;
  domain: string;
  app: string;
  node: string;
  ip: string;
}

type Kind = Scope['kind'];

/** Possible faults: kind of scope, verdict, and whether reconnects are refused. */
const FAULTS: readonly {
  kind: Kind;
  category: string;
  reason: string;
  blocked: boolean;
  spread: number;
}[] = [
  { kind: 'account', category: 'billing', reason: 'arrears', blocked: true, spread: 20 },
  // CSS stops the service of an account, never of one of its domains.
  { kind: 'account', category: 'billing', reason: 'service_stopped', blocked: true, spread: 20 },
  { kind: 'domain', category: 'config', reason: 'domain_disabled', blocked: true, spread: 10 },
  { kind: 'domain', category: 'auth', reason: 'auth_check_failed', blocked: true, spread: 60 },
  { kind: 'app', category: 'config', reason: 'app_disabled', blocked: true, spread: 10 },
  { kind: 'node', category: 'network', reason: 'network', blocked: false, spread: 15 },
  { kind: 'node', category: 'platform', reason: 'platform_internal', blocked: false, spread: 8 },
  { kind: 'clientNetwork', category: 'network', reason: 'network', blocked: false, spread: 5 },
];

/** First reconnects of OBS Studio, s after the break. */
const OBS_TRIES = [2, 5, 9.5, 16, 26, 42];

/** Generates a storm. The same number gives the same storm. */
export function makeStorm(number: number): Storm {
  const { next: random, pick } = createRandom(number * 7919 + 1);
  const between = (from: number, to: number) => from + random() * (to - from);
  const domains = count(2 + Math.floor(random() * 4), (index) => `d${index}.example.com`);
  const nodes = count(3 + Math.floor(random() * 6), (index) => `node-${index}`);
  const sites = count(10 + Math.floor(random() * 20), (index) => `198.51.${index}`);
  const hosts: Host[] = count(150 + Math.floor(random() * 850), (index) => ({
    stream: `room-${index}`,
    domain: pick(domains),
    app: pick(['live', 'show']),
    node: pick(nodes),
    ip: `${pick(sites)}.${1 + (index % 250)}`,
  }));
  const faults = number % 4 === 3 ? twoFaults(pick) : [pick(FAULTS)];
  const records: BreakRecord[] = [];
  const affected = new Set<string>();
  const causes = faults.map((fault) => {
    const center = pick(hosts.filter(({ stream }) => !affected.has(stream)));
    const scope = scopeAt(fault.kind, center);
    const affectedHosts = hosts.filter(
      (host) => !affected.has(host.stream) && scopeAt(fault.kind, host).value === scope.value,
    );
    const startsAt = between(0, 30);
    for (const host of affectedHosts) {
      affected.add(host.stream);
      records.push(...outage(host, fault, startsAt + between(0, fault.spread), between));
    }
    return { scope, streams: new Set(affectedHosts.map(({ stream }) => stream)) };
  });
  // 1 % of the other streams break for their own reasons.
  for (const host of hosts.filter(({ stream }) => !affected.has(stream))) {
    if (random() < 0.01) {
      records.push(...outage(host, pick(FAULTS.slice(3)), between(0, 120), between).slice(0, 1));
    }
  }
  const kept = records.filter(() => random() >= 0.05);
  const reported = new Set(kept.map(({ event }) => event.stream));
  return {
    records: kept
      .map((record) => ({ record, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ record }) => record),
    pushes: hosts.map(({ stream, domain, app }) => ({ ...livePush(stream, -3_600, domain), app })),
    // A stream whose only record was lost cannot be known.
    causes: causes.map(({ scope, streams }) => ({
      scope,
      streams: new Set([...streams].filter((stream) => reported.has(stream))),
    })),
    liveIn: (scope) =>
      new Set(
        hosts
          .filter((host) => scopeAt(scope.kind, host).value === scope.value)
          .map(({ stream }) => stream),
      ),
    until: 180,
  };
}

function count<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_unused, index) => make(index));
}

/** Two faults, neither of which affects the whole account. */
function twoFaults(pick: <T>(list: readonly T[]) => T): (typeof FAULTS)[number][] {
  const narrow = FAULTS.filter(({ kind }) => kind !== 'account');
  const first = pick(narrow);
  return [first, pick(narrow)];
}

function scopeAt(kind: Kind, host: Host): Scope {
  const values: Record<Kind, string> = {
    account: 'default',
    domain: host.domain,
    app: `${host.domain}/${host.app}`,
    node: host.node,
    clientNetwork: host.ip.replace(/\d+$/, '0/24'),
    stream: host.stream,
  };
  return { kind, account: 'default', value: values[kind] };
}

function outage(
  host: Host,
  fault: (typeof FAULTS)[number],
  at: number,
  between: (from: number, to: number) => number,
): BreakRecord[] {
  const wish = {
    rule: `${fault.category}/${fault.reason}`,
    verdict: {
      category: fault.category as 'network',
      reason: fault.reason,
      retry: (fault.blocked ? 'after-fix' : '30s') as 'after-fix',
    },
  };
  const start = Math.round(at * 1000) / 1000;
  if (!fault.blocked) {
    return [cut({ ...host, at: start, back: start + between(3, 90), wish })];
  }
  return [
    cut({ ...host, at: start, wish }),
    ...OBS_TRIES.map((wait) => refused({ ...host, at: start + wait, wish })),
  ];
}
