import type { BreakCode } from '../push.ts';
import type { PushHost } from '../push-host.ts';
import { silenceBeforeBreakMs, type World } from '../world.ts';

/** Parameters of scenarios. Each scenario reads those that it supports. */
export interface ScenarioOptions {
  /** Number of streams. */
  streams?: number;
}

/** A script of what happens to the streams. */
export interface Scenario {
  /** Length of the history before the start, ms. */
  historyMs: number;
  /** Called once at the first time of the world. Adds hosts and schedules what they do. */
  play(world: World, options: ScenarioOptions): void;
}

const second = 1000;

/** A plain break: the push ends with `code`, and the host reconnects as configured. */
export function plainBreak(world: World, host: PushHost, code: BreakCode): void {
  if (host.push) world.end(host.push, code);
}

/** The host's network fails for `durationMs`. CSS reports it after 70 s with a code from 12 to 17. */
export function networkCut(
  world: World,
  host: PushHost,
  durationMs = silenceBeforeBreakMs + world.random.between(1, 20) * second,
): void {
  host.cutNetwork(durationMs, { errcode: world.random.between(12, 17), subErrcode: 0 });
}

/** The host stops normally and starts again after `offAirMs`. */
export function normalEnd(world: World, host: PushHost, offAirMs: number): void {
  host.stop(world.random.pick([1, 2]));
  world.after(offAirMs, () => host.start());
}

/**
 * The push URL expires during the push. Then the network breaks the push, and every reconnect is
 * refused as expired (18/501) until the URL is renewed.
 *
 * A push from before the start, for which no callback was sent, gets the expired URL as if it had
 * started with it. Any other host first restarts with a URL that soon expires, which takes 12 s.
 *
 * @param fixAfterMs time from the break to the new URL
 */
export function expiredUrlLoop(world: World, host: PushHost, fixAfterMs: number): void {
  const cut = (): void => {
    host.cutNetwork(silenceBeforeBreakMs, { errcode: 12, subErrcode: 0 });
    world.after(silenceBeforeBreakMs + fixAfterMs, () => {
      host.renewUrl();
      host.start();
    });
  };
  const { push } = host;
  if (push && push.startedAt < world.liveFrom) {
    host.urlExpiresAt = Math.max(push.startedAt + 10 * second, world.now - 300 * second);
    push.streamParam = host.streamParam();
    cut();
    return;
  }
  host.stop(2);
  world.after(2 * second, () => {
    host.urlExpiresAt = world.now + 40 * second;
    host.start();
    world.after(10 * second, cut);
  });
}

/** The host restarts with a wrong URL: refused with 18/500, 502 or 503 until the URL is fixed. */
export function wrongUrl(
  world: World,
  host: PushHost,
  fault: NonNullable<PushHost['urlFault']>,
  fixAfterMs: number,
): void {
  host.stop();
  host.urlFault = fault;
  world.after(3 * second, () => host.start());
  world.after(3 * second + fixAfterMs, () => {
    host.renewUrl();
    host.start();
  });
}

/** The bill of a domain, or of the account, is unpaid for `durationMs`: 18/202 for all streams. */
export function unpaidBill(
  world: World,
  domain: string | undefined,
  hosts: readonly PushHost[],
  durationMs: number,
): void {
  world.suspend(domain);
  world.after(durationMs, () => {
    world.restore(domain);
    for (const host of hosts) world.after(world.random.between(0, 4000), () => host.start());
  });
}

/** An operator drops the stream (21/100). The host is live again within seconds. */
export function operatorDrop(world: World, host: PushHost): void {
  world.drop(host.domain, host.app, host.stream);
}

/** An operator bans the stream (21/101). It is refused with 18/305 until the ban ends. */
export function operatorBan(world: World, host: PushHost, durationMs: number): void {
  world.forbid(host.stream, world.now + durationMs);
  world.after(durationMs + second, () => host.start());
}

/** The host's address is put on the block list, so its restart is refused with 18/400. */
export function blockedAddress(world: World, host: PushHost, durationMs: number): void {
  const { clientIp } = host;
  host.stop(2);
  world.blockedIps.add(clientIp);
  world.after(2 * second, () => host.start());
  world.after(2 * second + durationMs, () => {
    world.blockedIps.delete(clientIp);
    host.start();
  });
}

/** A platform fault: several streams break at once with an internal error, and recover. */
export function platformFault(world: World, hosts: readonly PushHost[]): void {
  hosts.forEach((host, index) => {
    const errcode = index === 0 ? 5 : world.random.pick([5, 9, 11]);
    world.after(world.random.between(0, 1500), () =>
      plainBreak(world, host, { errcode, subErrcode: 0 }),
    );
  });
}

/** A stream that breaks about every `intervalMs` and recovers each time. */
export function flapping(world: World, host: PushHost, breaks: number, intervalMs: number): void {
  for (let index = 0; index < breaks; index += 1) {
    world.after(index * intervalMs + world.random.between(0, intervalMs / 4), () =>
      plainBreak(world, host, { errcode: world.random.pick([4, 3, 13, 15]), subErrcode: 0 }),
    );
  }
}

/** The same break several times: the host reconnects, and its push breaks again after `intervalMs`. */
export function repeatedBreak(
  world: World,
  host: PushHost,
  { code, breaks, intervalMs }: { code: BreakCode; breaks: number; intervalMs: number },
): void {
  for (let index = 0; index < breaks; index += 1) {
    world.after(index * intervalMs, () => plainBreak(world, host, code));
  }
}

/** A node of CSS fails: its pushes break, and cannot reconnect for `durationMs`. */
export function nodeFault(world: World, node: string, durationMs: number): void {
  for (const host of world.hosts.filter(({ push }) => push?.node === node)) {
    world.after(world.random.between(0, 3 * second), () => {
      host.offlineUntil = world.now + durationMs;
      plainBreak(world, host, { errcode: world.random.pick([5, 9, 11]), subErrcode: 0 });
    });
  }
}

/**
 * A second encoder pushes the same stream. They replace each other (21/102) until the second one is
 * switched off after `durationMs`.
 */
export function twoEncoders(world: World, host: PushHost, durationMs: number): void {
  const second = world.addHost({
    domain: host.domain,
    app: host.app,
    stream: host.stream,
    clientIp: `198.51.100.${world.random.between(1, 254)}`,
    reconnect: host.reconnect,
    width: 1280,
    height: 720,
  });
  // Only this story may start it.
  second.busy = true;
  second.start();
  world.after(durationMs, () => {
    second.stop(2);
    world.after(1000, () => host.start());
  });
}
