import type { BreakCode } from '../push.ts';
import type { PushHost } from '../push-host.ts';
import { silenceBeforeBreakMs, type World } from '../world.ts';

const second = 1000;

/** A plain break: the push ends with `code` and the host comes back as its kind does. */
export function plainBreak(world: World, host: PushHost, code: BreakCode): void {
  if (host.push) world.end(host.push, code);
}

/** The host's network dies for `forMs`; CSS says so 70 s later with a code from 12 to 17. */
export function networkCut(
  world: World,
  host: PushHost,
  forMs = silenceBeforeBreakMs + world.random.between(1, 20) * second,
): void {
  host.cutNetwork(forMs, { errcode: world.random.between(12, 17), subErrcode: 0 });
}

/** The host means to stop, and goes on air again after a while. */
export function normalEnd(world: World, host: PushHost, offAirMs: number): void {
  host.stop(world.random.pick([1, 2]));
  world.after(offAirMs, () => host.start());
}

/**
 * The push URL ran out while the push went on; then the network cuts it, and every return is
 * refused as expired (18/501) until someone renews the URL.
 *
 * A push whose begin no callback told (it lies in history) is taken as having been started with
 * that URL; any other host first restarts with a URL that is nearly over, which costs 12 s.
 *
 * @param fixAfterMs from the break to the new URL
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

/** A wrong URL is handed to a host that restarts: refused with 18/500, 502 or 503 until mended. */
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

/** The bill of a domain is unpaid: all its streams are cut and refused with 18/202 until then. */
export function unpaidBill(
  world: World,
  domain: string | undefined,
  hosts: readonly PushHost[],
  forMs: number,
): void {
  world.suspend(domain);
  world.after(forMs, () => {
    world.restore(domain);
    for (const host of hosts) world.after(world.random.between(0, 4000), () => host.start());
  });
}

/** An operator drops the stream (21/100); the host is back within seconds. */
export function operatorDrop(world: World, host: PushHost): void {
  world.drop(host.domain, host.app, host.stream);
}

/** An operator bans the stream (21/101); it is refused with 18/305 until the ban is lifted. */
export function operatorBan(world: World, host: PushHost, forMs: number): void {
  world.forbid(host.stream, world.now + forMs);
  world.after(forMs + second, () => host.start());
}

/** The host's address lands on the block list, so its restart is refused with 18/400. */
export function blockedAddress(world: World, host: PushHost, forMs: number): void {
  const { clientIp } = host;
  host.stop(2);
  world.blockedIps.add(clientIp);
  world.after(2 * second, () => host.start());
  world.after(2 * second + forMs, () => {
    world.blockedIps.delete(clientIp);
    host.start();
  });
}

/** A fault of the platform: several streams at once break with an internal error and return. */
export function platformFault(world: World, hosts: readonly PushHost[]): void {
  hosts.forEach((host, index) => {
    const errcode = index === 0 ? 5 : world.random.pick([5, 9, 11]);
    world.after(world.random.between(0, 1500), () =>
      plainBreak(world, host, { errcode, subErrcode: 0 }),
    );
  });
}

/** A stream that breaks again and again, every `everyMs` or so, and is back each time. */
export function flapping(world: World, host: PushHost, breaks: number, everyMs: number): void {
  for (let index = 0; index < breaks; index += 1) {
    world.after(index * everyMs + world.random.between(0, everyMs / 4), () =>
      plainBreak(world, host, { errcode: world.random.pick([4, 3, 13, 15]), subErrcode: 0 }),
    );
  }
}

/**
 * A second encoder pushes the same name: each takes over from the other (21/102) until someone
 * switches the second one off, `forMs` later.
 */
export function twoEncoders(world: World, host: PushHost, forMs: number): void {
  const second = world.addHost({
    domain: host.domain,
    app: host.app,
    stream: host.stream,
    clientIp: `198.51.100.${world.random.between(1, 254)}`,
    reconnect: host.reconnect,
    width: 1280,
    height: 720,
  });
  // It belongs to this story alone: nobody else is to switch it on again.
  second.busy = true;
  second.start();
  world.after(forMs, () => {
    second.stop(2);
    world.after(1000, () => host.start());
  });
}
