import type { PushHost } from '../push-host.ts';
import { silenceBeforeBreakMs, type World } from '../world.ts';
import { addBusyHosts } from './busy-hosts.ts';
import { keepStartingStories, reserveHost } from './random-stories.ts';
import type { Scenario } from './stories.ts';
import * as stories from './stories.ts';

const minute = 60_000;

/**
 * Six hours of history, then seven stories within twelve seconds of the start (auth, billing,
 * network, client, config, operator, platform; several streams recover). After that, a random story
 * starts every 5 to 20 s, and a long story every 15 minutes.
 */
export const busy: Scenario = {
  historyMs: 6 * 60 * minute,
  play: (world) => {
    const hosts = addBusyHosts(world);
    const all = [...hosts.values()];
    const hostOf = (stream: string) => hosts.get(stream) as PushHost;
    const start = world.liveFrom;
    const classes = [hostOf('class-physics'), hostOf('class-history')];

    keepStartingStories(world, all, {
      from: world.now + 4 * minute,
      until: start - 6 * minute,
      minMs: 11 * minute,
      maxMs: 26 * minute,
    });

    const story = (host: PushHost, at: number, reservedMs: number, play: () => void): void => {
      world.at(at, () => {
        reserveHost(world, host, reservedMs);
        host.start();
        play();
      });
    };
    // History has at least one break of each category, whatever the random stories are.
    const ago = (minutes: number) => start - minutes * minute;
    story(hostOf('shop-31'), ago(330), 3 * minute, () =>
      stories.operatorDrop(world, hostOf('shop-31')),
    );
    story(hostOf('studio-b'), ago(285), 3 * minute, () =>
      stories.networkCut(world, hostOf('studio-b')),
    );
    story(hostOf('shop-52'), ago(235), 3 * minute, () =>
      stories.blockedAddress(world, hostOf('shop-52'), 12_000),
    );
    story(hostOf('class-history'), ago(190), 3 * minute, () =>
      stories.unpaidBill(world, '5002.livepush.example', classes, 8000),
    );
    story(hostOf('marathon-km12'), ago(140), 3 * minute, () =>
      stories.wrongUrl(world, hostOf('marathon-km12'), 'wrong-secret', 12_000),
    );
    story(hostOf('studio-a'), ago(75), 3 * minute, () =>
      stories.platformFault(world, [hostOf('studio-a')]),
    );

    // Silence comes 70 s before a network break, so these two begin before the start.
    story(hostOf('concert-main'), start - silenceBeforeBreakMs + 1000, 120_000, () =>
      stories.networkCut(world, hostOf('concert-main'), silenceBeforeBreakMs),
    );
    story(hostOf('marathon-finish'), start - silenceBeforeBreakMs + 500, 260_000, () =>
      stories.expiredUrlLoop(world, hostOf('marathon-finish'), 3 * minute),
    );
    story(hostOf('shop-17'), start + 2000, 60_000, () =>
      stories.operatorDrop(world, hostOf('shop-17')),
    );
    story(classes[0] as PushHost, start + 4000, 90_000, () =>
      stories.unpaidBill(world, '5002.livepush.example', classes, 40_000),
    );
    story(hostOf('shop-31'), start + 5500, 60_000, () =>
      stories.plainBreak(world, hostOf('shop-31'), { errcode: 7, subErrcode: 0 }),
    );
    story(hostOf('harbour-cam'), start + 6000, 90_000, () =>
      stories.blockedAddress(world, hostOf('harbour-cam'), 45_000),
    );
    story(hostOf('studio-a'), start + 8500, 60_000, () =>
      stories.platformFault(world, [hostOf('studio-a'), hostOf('studio-b')]),
    );

    keepStartingStories(world, all, { from: start + 15_000, minMs: 5000, maxMs: 20_000 });
    longStories(world, hosts);
  },
};

/** Plays stories that take minutes, one every 15 minutes, in turn. */
function longStories(world: World, hosts: Map<string, PushHost>): void {
  const shop = [...hosts.values()].filter((host) => host.domain === '5001.livepush.example');
  const plays: [string, (host: PushHost) => void][] = [
    ['marathon-km12', (host) => stories.flapping(world, host, 6, 45_000)],
    ['concert-backstage', (host) => stories.twoEncoders(world, host, 30_000)],
    ['shop-48', (host) => stories.expiredUrlLoop(world, host, 4 * minute)],
    ['shop-23', () => stories.unpaidBill(world, '5001.livepush.example', shop, 60_000)],
  ];
  let turn = 0;
  const next = (): void => {
    const [stream, play] = plays[turn % plays.length] as (typeof plays)[number];
    turn += 1;
    const host = hosts.get(stream) as PushHost;
    reserveHost(world, host, 6 * minute);
    host.start();
    play(host);
    world.after(15 * minute, next);
  };
  world.at(world.liveFrom + 90_000, next);
}
