import type { PushHost } from '../push-host.ts';
import { addBusyHosts } from './busy-hosts.ts';
import { keepStartingStories, reserveHost } from './random-stories.ts';
import type { Scenario } from './stories.ts';
import * as stories from './stories.ts';

const minute = 60_000;

/**
 * A mixed day: twelve hours of history with each kind of break at a fixed time and random stories in
 * between. After the start, random stories continue at the same rate.
 */
export const day: Scenario = {
  historyMs: 12 * 60 * minute,
  play: (world) => {
    const hosts = addBusyHosts(world);
    const begin = world.now;
    const plan = (minutes: number, stream: string, play: (host: PushHost) => void): void => {
      const host = hosts.get(stream) as PushHost;
      world.at(begin + minutes * minute, () => {
        reserveHost(world, host, 12 * minute);
        host.start();
        play(host);
      });
    };
    plan(30, 'class-history', (host) => stories.normalEnd(world, host, 60 * minute));
    plan(75, 'concert-main', (host) => stories.networkCut(world, host));
    plan(120, 'marathon-finish', (host) => stories.expiredUrlLoop(world, host, 5 * minute));
    plan(170, 'shop-17', (host) => stories.operatorDrop(world, host));
    plan(200, 'shop-48', (host) => stories.operatorBan(world, host, 3 * minute));
    plan(240, 'harbour-cam', (host) => stories.blockedAddress(world, host, 2 * minute));
    plan(290, 'studio-a', () => stories.platformFault(world, [...hosts.values()].slice(-3)));
    plan(330, 'shop-31', (host) => stories.plainBreak(world, host, { errcode: 7, subErrcode: 0 }));
    plan(360, 'marathon-km12', (host) => stories.flapping(world, host, 6, 50_000));
    plan(420, 'concert-backstage', (host) => stories.twoEncoders(world, host, 40_000));
    plan(480, 'class-physics', () =>
      stories.unpaidBill(
        world,
        '5002.livepush.example',
        [...hosts.values()].filter((host) => host.domain === '5002.livepush.example'),
        8 * minute,
      ),
    );
    plan(540, 'shop-23', (host) => stories.wrongUrl(world, host, 'wrong-secret', 2 * minute));
    plan(600, 'studio-b', (host) => host.freeze());
    keepStartingStories(world, [...hosts.values()], {
      from: begin + 10 * minute,
      minMs: 4 * minute,
      maxMs: 15 * minute,
    });
  },
};
