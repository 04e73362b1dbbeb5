import type { Scenario } from './scenario.ts';
import { twoEncoders } from './stories.ts';

/** Two encoders on one name take over from each other (21/102) for two minutes. */
export const twoEncodersScenario: Scenario = {
  historyMs: 30 * 60_000,
  play: (world) => {
    const host = world.addHost({
      domain: '5000.livepush.example',
      stream: 'keynote',
      clientIp: '203.0.113.9',
    });
    host.start();
    world.at(world.liveFrom + 1000, () => twoEncoders(world, host, 120_000));
  },
};
