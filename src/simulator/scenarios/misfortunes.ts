import type { PushHost } from '../push-host.ts';
import { silenceBeforeBreakMs, type World } from '../world.ts';
import * as stories from './stories.ts';

const second = 1000;

/** What can happen to a stream: how often (a weight), how long it holds its host, and the story. */
interface Misfortune {
  weight: number;
  holdMs: number;
  play(world: World, host: PushHost): void;
}

const misfortunes: readonly Misfortune[] = [
  { weight: 5, holdMs: 130_000, play: (world, host) => stories.networkCut(world, host) },
  {
    weight: 4,
    holdMs: 60_000,
    play: (world, host) => stories.normalEnd(world, host, 20 * second),
  },
  {
    weight: 2,
    holdMs: 20_000,
    play: (world, host) =>
      stories.plainBreak(world, host, { errcode: world.random.pick([3, 4]), subErrcode: 0 }),
  },
  {
    weight: 2,
    holdMs: 20_000,
    play: (world, host) =>
      stories.plainBreak(world, host, { errcode: world.random.pick([6, 7, 33]), subErrcode: 0 }),
  },
  { weight: 1, holdMs: 100_000, play: (_, host) => host.freeze() },
  { weight: 2, holdMs: 20_000, play: stories.operatorDrop },
  {
    weight: 1,
    holdMs: 40_000,
    play: (world, host) => stories.operatorBan(world, host, 12 * second),
  },
  {
    weight: 2,
    holdMs: 40_000,
    play: (world, host) => stories.platformFault(world, [host]),
  },
  {
    weight: 2,
    holdMs: silenceBeforeBreakMs + 75_000,
    play: (world, host) => stories.expiredUrlLoop(world, host, 12 * second),
  },
  {
    weight: 2,
    holdMs: 40_000,
    play: (world, host) =>
      stories.wrongUrl(
        world,
        host,
        world.random.pick(['no-expiry', 'no-secret', 'wrong-secret'] as const),
        7 * second,
      ),
  },
  {
    weight: 2,
    holdMs: 40_000,
    play: (world, host) => stories.blockedAddress(world, host, 7 * second),
  },
  {
    weight: 1,
    holdMs: 60_000,
    play: (world, host) =>
      stories.unpaidBill(
        world,
        host.domain,
        world.hosts.filter((other) => other.domain === host.domain && !other.busy),
        8 * second,
      ),
  },
  { weight: 1, holdMs: 90_000, play: (world, host) => stories.flapping(world, host, 3, 20_000) },
  { weight: 1, holdMs: 60_000, play: (world, host) => stories.twoEncoders(world, host, 7_000) },
];

const totalWeight = misfortunes.reduce((sum, { weight }) => sum + weight, 0);

/**
 * Lets one misfortune by chance befall one of the hosts that are on air and in no story.
 *
 * @returns false when every host is taken
 */
export function befall(world: World, hosts: readonly PushHost[]): boolean {
  const free = hosts.filter((host) => host.push && !host.busy);
  if (free.length === 0) return false;
  const host = world.random.pick(free);
  let roll = world.random.next() * totalWeight;
  const chosen =
    misfortunes.find(({ weight }) => {
      roll -= weight;
      return roll < 0;
    }) ?? (misfortunes[0] as Misfortune);
  hold(world, host, chosen.holdMs);
  chosen.play(world, host);
  return true;
}

/**
 * From `from` until `until` (ms since the epoch) a misfortune befalls the hosts every
 * `minMs`..`maxMs`.
 */
export function befallForEver(
  world: World,
  hosts: readonly PushHost[],
  pace: { from: number; until?: number; minMs: number; maxMs: number },
): void {
  const step = (): void => {
    if (pace.until !== undefined && world.now >= pace.until) return;
    befall(world, hosts);
    world.after(world.random.between(pace.minMs, pace.maxMs), step);
  };
  world.at(pace.from, step);
}

/** Keeps other stories off a host for a while. */
export function hold(world: World, host: PushHost, forMs: number): void {
  host.busy = true;
  world.after(forMs, () => {
    host.busy = false;
    // Whatever the story did to it, its people bring the stream back in the end.
    host.start();
  });
}
