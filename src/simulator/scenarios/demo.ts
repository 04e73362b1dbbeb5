import type { PushHost } from '../push-host.ts';
import { silenceBeforeBreakMs, type World } from '../world.ts';
import { cast } from './cast.ts';
import { befallForEver, hold } from './misfortunes.ts';
import type { Scenario } from './scenario.ts';
import * as stories from './stories.ts';

const minute = 60_000;

/**
 * Six hours of history, then an opening of seven stories in twelve seconds (auth, billing,
 * network, client, config, operator, platform; several streams recover), then misfortunes every
 * 5-20 s for ever, with every quarter of an hour one of the longer stories.
 */
export const demo: Scenario = {
  historyMs: 6 * 60 * minute,
  play: (world) => {
    const hosts = cast(world);
    const all = [...hosts.values()];
    const get = (stream: string) => hosts.get(stream) as PushHost;
    const start = world.liveFrom;
    const classes = [get('class-physics'), get('class-history')];

    befallForEver(world, all, {
      from: world.now + 4 * minute,
      until: start - 6 * minute,
      minMs: 11 * minute,
      maxMs: 26 * minute,
    });

    const story = (host: PushHost, at: number, holdMs: number, play: () => void): void => {
      world.at(at, () => {
        hold(world, host, holdMs);
        host.start();
        play();
      });
    };
    // Of each category history has one at least, whatever chance adds.
    const ago = (minutes: number) => start - minutes * minute;
    story(get('shop-31'), ago(330), 3 * minute, () => stories.operatorDrop(world, get('shop-31')));
    story(get('studio-b'), ago(285), 3 * minute, () => stories.networkCut(world, get('studio-b')));
    story(get('shop-52'), ago(235), 3 * minute, () =>
      stories.blockedAddress(world, get('shop-52'), 12_000),
    );
    story(get('class-history'), ago(190), 3 * minute, () =>
      stories.unpaidBill(world, '5002.livepush.example', classes, 8000),
    );
    story(get('marathon-km12'), ago(140), 3 * minute, () =>
      stories.wrongUrl(world, get('marathon-km12'), 'wrong-secret', 12_000),
    );
    story(get('studio-a'), ago(75), 3 * minute, () =>
      stories.platformFault(world, [get('studio-a')]),
    );

    // Silence comes 70 s before a network break, so these two begin before the start.
    story(get('concert-main'), start - silenceBeforeBreakMs + 1000, 120_000, () =>
      stories.networkCut(world, get('concert-main'), silenceBeforeBreakMs),
    );
    story(get('marathon-finish'), start - silenceBeforeBreakMs + 500, 260_000, () =>
      stories.expiredUrlLoop(world, get('marathon-finish'), 3 * minute),
    );
    story(get('shop-17'), start + 2000, 60_000, () => stories.operatorDrop(world, get('shop-17')));
    story(classes[0] as PushHost, start + 4000, 90_000, () =>
      stories.unpaidBill(world, '5002.livepush.example', classes, 40_000),
    );
    story(get('shop-31'), start + 5500, 60_000, () =>
      stories.plainBreak(world, get('shop-31'), { errcode: 7, subErrcode: 0 }),
    );
    story(get('harbour-cam'), start + 6000, 90_000, () =>
      stories.blockedAddress(world, get('harbour-cam'), 45_000),
    );
    story(get('studio-a'), start + 8500, 60_000, () =>
      stories.platformFault(world, [get('studio-a'), get('studio-b')]),
    );

    befallForEver(world, all, { from: start + 15_000, minMs: 5000, maxMs: 20_000 });
    longStories(world, hosts);
  },
};

/** The stories that need minutes to be seen for what they are, in turn, a quarter hour apart. */
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
    hold(world, host, 6 * minute);
    host.start();
    play(host);
    world.after(15 * minute, next);
  };
  world.at(world.liveFrom + 90_000, next);
}
