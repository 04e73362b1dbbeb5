import type { PushHost } from '../../src/simulator/push-host.ts';
import type { Scenario } from '../../src/simulator/scenarios/stories.ts';
import * as stories from '../../src/simulator/scenarios/stories.ts';
import type { World } from '../../src/simulator/world.ts';

const RECONNECTS = ['obs', 'fixed', 'mobile'] as const;
const CODES = [3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 17, 20, 33];

/**
 * Streams that break all the time: breaks of many kinds, wrong URLs with their retry loops, drops,
 * flaps, normal stops. Each stream has one story at a time, so that it never has two ends in the same
 * second, which the API could not distinguish.
 *
 * @param liveMs - how long streams break after the start; then all recover
 */
export function restlessStreams(streams: number, historyMs: number, liveMs: number): Scenario {
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
        world.after(3_000 + index * 37, () => startStory(world, host, world.liveFrom + liveMs));
      }
    },
  };
}

function startStory(world: World, host: PushHost, until: number): void {
  if (world.now >= until) {
    recover(host);
    return;
  }
  const durationMs = breakHost(world, host, until);
  world.at(Math.min(world.now + durationMs, until), () => {
    recover(host);
    world.after(world.random.between(2_500, 9_000), () => startStory(world, host, until));
  });
}

function recover(host: PushHost): void {
  if (host.urlFault || !host.push) {
    host.renewUrl();
    host.start();
  }
}

/** @returns duration of the story, ms */
function breakHost(world: World, host: PushHost, until: number): number {
  const { random } = world;
  switch (random.between(0, 5)) {
    case 0:
    case 1:
      stories.plainBreak(world, host, { errcode: random.pick(CODES), subErrcode: 0 });
      return random.between(2_500, 7_000);
    case 2: {
      // It breaks, and then gets a wrong URL.
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
