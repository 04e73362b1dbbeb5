import type { Scenario } from './scenario.ts';
import { expiredUrlLoop } from './stories.ts';

/**
 * One stream whose URL ran out while it pushed: cut by the network at the start, then refused
 * with 18/501 in OBS's rhythm, until the URL is renewed ten minutes later.
 */
export const expiredUrlLoopScenario: Scenario = {
  historyMs: 30 * 60_000,
  play: (world) => {
    const host = world.addHost({
      domain: '5000.livepush.example',
      stream: 'stage-main',
      clientIp: '203.0.113.7',
    });
    host.start();
    world.at(world.liveFrom - 69_000, () => expiredUrlLoop(world, host, 600_000));
  },
};
