import type { Scenario } from './scenario.ts';
import { unpaidBill } from './stories.ts';

/**
 * The account's bill is unpaid: one second after the start all streams (`streams`, default 100)
 * are cut with 18/202, and each return is refused; paid five minutes later. While it lasts the
 * API answers ResourceNotFound.StopService, so only callbacks tell.
 */
export const arrearsStorm: Scenario = {
  historyMs: 60 * 60_000,
  play: (world, { streams = 100 }) => {
    for (let index = 0; index < streams; index += 1) {
      world
        .addHost({
          domain: `${5000 + (index % 4)}.livepush.example`,
          stream: `room-${index + 1}`,
          clientIp: `203.0.113.${1 + (index % 254)}`,
        })
        .start();
    }
    world.at(world.liveFrom + 1000, () => unpaidBill(world, undefined, world.hosts, 300_000));
  },
};
