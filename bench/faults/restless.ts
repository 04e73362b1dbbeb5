import type { PushHost } from '../../src/simulator/push-host.ts';
import type { Scenario } from '../../src/simulator/scenarios/stories.ts';
import * as stories from '../../src/simulator/scenarios/stories.ts';
import type { World } from '../../src/simulator/world.ts';

const RECONNECTS = ['obs', 'fixed', 'mobile'] as const;
const CODES = [3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 17, 20, 33];

/**
 * Streams that are hardly ever left in peace: breaks of many kinds, wrong URLs with their retry
 * loops, drops, flaps, normal stops. One story after the other on each stream, so that no two ends
 * of one stream fall on one second, which the API could not tell apart.
 *
 * @param liveMs - how long it goes on after the start; then all are made to push in peace
 */
export function restless(streams: number, historyMs: number, liveMs: number): Scenario {
  return {
    historyMs,
    play(world) {
      for (let index = 0; index < streams; index += 1) {
        const host = world.addHost({
          domain: `${index % 3}.livepush.example`,
          stream: `shop-${index}`,
          clientIp: `203.0.113.${1 + (index % 200)}`,
          reconnect: RECONNECTS[index % RECONNECTS.length],
          urlValidMs: 30 * 86_400_000,
        });
        world.after(index * 37, () => host.start());
        world.after(3_000 + index * 37, () => befall(world, host, world.liveFrom + liveMs));
      }
    },
  };
}

function befall(world: World, host: PushHost, until: number): void {
  if (world.now >= until) {
    calm(host);
    return;
  }
  const takesMs = cause(world, host, until);
  world.at(Math.min(world.now + takesMs, until), () => {
    calm(host);
    world.after(world.random.between(2_500, 9_000), () => befall(world, host, until));
  });
}

function calm(host: PushHost): void {
  if (host.urlFault || !host.push) {
    host.renewUrl();
    host.start();
  }
}

/** @returns how long the story takes, ms */
function cause(world: World, host: PushHost, until: number): number {
  const { random } = world;
  switch (random.between(0, 5)) {
    case 0:
    case 1:
      stories.plainBreak(world, host, { errcode: random.pick(CODES), subErrcode: 0 });
      return random.between(2_500, 7_000);
    case 2: {
      // It breaks, and whoever mends it enters a wrong URL.
      host.urlFault = random.pick(['wrong-secret', 'no-expiry', 'no-secret'] as const);
      stories.plainBreak(world, host, { errcode: 12, subErrcode: 0 });
      return random.between(8_000, 25_000);
    }
    case 3:
      stories.operatorDrop(world, host);
      return random.between(2_500, 4_000);
    case 4:
      host.stop(random.pick([1, 2]));
      return random.between(2_500, 6_000);
    default:
      for (let index = 0; index < 3; index += 1) {
        world.after(index * 4_300, () => {
          if (world.now < until) {
            stories.plainBreak(world, host, { errcode: 4, subErrcode: 0 });
          }
        });
      }
      return 14_000;
  }
}
