import type { Scenario } from './scenario.ts';
import { flapping } from './stories.ts';

/** One stream that breaks eight times, about once a minute, and is back each time. */
export const flappingScenario: Scenario = {
  historyMs: 30 * 60_000,
  play: (world) => {
    const host = world.addHost({
      domain: '5000.livepush.example',
      stream: 'ferry-cam',
      clientIp: '203.0.113.8',
    });
    host.start();
    world.at(world.liveFrom + 1000, () => flapping(world, host, 8, 60_000));
  },
};
