import { expiredUrlLoop, flapping, type Scenario, twoEncoders, unpaidBill } from './stories.ts';

/** No streams: for tests that cause every break themselves. */
export const empty: Scenario = { historyMs: 0, play: () => undefined };

/**
 * One stream whose URL expired during the push. The network breaks it at the start; then each
 * reconnect of OBS is refused with 18/501, until the URL is renewed ten minutes later.
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

/** One stream that breaks eight times, about once a minute, and recovers each time. */
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

/** Two encoders of one stream replace each other (21/102) for two minutes. */
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

/**
 * The account's bill is unpaid. One second after the start, all streams (`streams`, default 100) end
 * with 18/202, and each reconnect is refused until the bill is paid five minutes later. Meanwhile the
 * API answers ResourceNotFound.StopService, so only callbacks report the breaks.
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
