import type { PushHost } from '../push-host.ts';
import { silenceBeforeBreakMs, type World } from '../world.ts';
import * as stories from './stories.ts';

const second = 1000;

/** A story that can start at random: its weight, how long it reserves its host, and what happens. */
interface RandomStory {
  weight: number;
  reservedMs: number;
  play(world: World, host: PushHost): void;
}

const randomStories: readonly RandomStory[] = [
  { weight: 5, reservedMs: 130_000, play: (world, host) => stories.networkCut(world, host) },
  {
    weight: 4,
    reservedMs: 60_000,
    play: (world, host) => stories.normalEnd(world, host, 20 * second),
  },
  {
    weight: 2,
    reservedMs: 20_000,
    play: (world, host) =>
      stories.plainBreak(world, host, { errcode: world.random.pick([3, 4]), subErrcode: 0 }),
  },
  {
    weight: 2,
    reservedMs: 20_000,
    play: (world, host) =>
      stories.plainBreak(world, host, { errcode: world.random.pick([6, 7, 33]), subErrcode: 0 }),
  },
  { weight: 1, reservedMs: 100_000, play: (_, host) => host.freeze() },
  { weight: 2, reservedMs: 20_000, play: stories.operatorDrop },
  {
    weight: 1,
    reservedMs: 40_000,
    play: (world, host) => stories.operatorBan(world, host, 12 * second),
  },
  {
    weight: 2,
    reservedMs: 40_000,
    play: (world, host) => stories.platformFault(world, [host]),
  },
  {
    weight: 2,
    reservedMs: silenceBeforeBreakMs + 75_000,
    play: (world, host) => stories.expiredUrlLoop(world, host, 12 * second),
  },
  {
    weight: 2,
    reservedMs: 40_000,
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
    reservedMs: 40_000,
    play: (world, host) => stories.blockedAddress(world, host, 7 * second),
  },
  {
    weight: 1,
    reservedMs: 60_000,
    play: (world, host) =>
      stories.unpaidBill(
        world,
        host.domain,
        world.hosts.filter((other) => other.domain === host.domain && !other.busy),
        8 * second,
      ),
  },
  {
    weight: 1,
    reservedMs: 90_000,
    play: (world, host) => stories.flapping(world, host, 3, 20_000),
  },
  { weight: 1, reservedMs: 60_000, play: (world, host) => stories.twoEncoders(world, host, 7_000) },
];

const totalWeight = randomStories.reduce((sum, { weight }) => sum + weight, 0);

/**
 * Starts a random story on one of the hosts that are live and not in a story.
 *
 * @returns false when no host is free
 */
function startRandomStory(world: World, hosts: readonly PushHost[]): boolean {
  const free = hosts.filter((host) => host.push && !host.busy);
  if (free.length === 0) return false;
  const host = world.random.pick(free);
  let roll = world.random.next() * totalWeight;
  const chosen =
    randomStories.find(({ weight }) => {
      roll -= weight;
      return roll < 0;
    }) ?? (randomStories[0] as RandomStory);
  reserveHost(world, host, chosen.reservedMs);
  chosen.play(world, host);
  return true;
}

/**
 * Starts a random story every `minMs` to `maxMs`, between `from` and `until` (ms since the epoch).
 */
export function keepStartingStories(
  world: World,
  hosts: readonly PushHost[],
  schedule: { from: number; until?: number; minMs: number; maxMs: number },
): void {
  const step = (): void => {
    if (schedule.until !== undefined && world.now >= schedule.until) return;
    startRandomStory(world, hosts);
    world.after(world.random.between(schedule.minMs, schedule.maxMs), step);
  };
  world.at(schedule.from, step);
}

/** Keeps other stories away from a host for a while, then makes sure that it is live. */
export function reserveHost(world: World, host: PushHost, durationMs: number): void {
  host.busy = true;
  world.after(durationMs, () => {
    host.busy = false;
    host.start();
  });
}
