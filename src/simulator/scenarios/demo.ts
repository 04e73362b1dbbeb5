import type { PushHost } from '../push-host.ts';
import { silenceBeforeBreakMs, type World } from '../world.ts';
import type { Scenario } from './stories.ts';
import * as stories from './stories.ts';

const second = 1000;
const minute = 60 * second;

/** The hall of a fair sends all its streams through one line. */
const FAIR_ADDRESS = '203.0.113.80';
const SCHOOL = 'school.livepush.example';

const streams: Readonly<Record<string, readonly string[]>> = {
  'events.livepush.example': [
    'concert-main',
    'concert-backstage',
    'concert-drone',
    'marathon-start',
    'marathon-km12',
    'marathon-km30',
    'marathon-finish',
    'fair-hall-1',
    'fair-hall-2',
    'fair-hall-3',
    'fair-hall-4',
    'fair-hall-5',
  ],
  'shop.livepush.example': Array.from({ length: 12 }, (_, index) => `shop-${11 + index}`),
  [SCHOOL]: [
    'class-art',
    'class-biology',
    'class-chemistry',
    'class-english',
    'class-geography',
    'class-history',
    'class-maths',
    'class-music',
    'class-physics',
    'class-spanish',
  ],
  'news.livepush.example': [
    'studio-a',
    'studio-b',
    'harbour-cam',
    'airport-cam',
    'city-hall',
    'weather-cam',
  ],
};

function addHosts(world: World): Map<string, PushHost> {
  const hosts = new Map<string, PushHost>();
  for (const [domain, names] of Object.entries(streams)) {
    for (const stream of names) {
      const host = world.addHost({
        domain,
        stream,
        clientIp: stream.startsWith('fair-') ? FAIR_ADDRESS : `198.51.100.${10 + hosts.size}`,
        urlValidMs: 30 * 86_400_000,
      });
      world.after(hosts.size * 400, () => host.start());
      hosts.set(stream, host);
    }
  }
  return hosts;
}

/** One story of a round, and when it begins, ms after the round begins. */
type Part = [beginsMs: number, play: (world: World, host: HostOf, round: number) => void];
type HostOf = (stream: string) => PushHost;

/** Time between two stories: long enough for one to be over before the next. */
const SPACING_MS = 3 * minute;
/** How long before its first refusal the story of the expired URL begins. */
const EXPIRY_LEAD_MS = silenceBeforeBreakMs + 12 * second;

/** Picks another stream in each round, so that none looks unsteady. */
const pick = (names: readonly string[], round: number) =>
  names[((round % names.length) + names.length) % names.length] as string;

/** What happens in a round, one thing at a time. */
const round: readonly Part[] = [
  [
    -EXPIRY_LEAD_MS,
    (world, hostOf, number) =>
      stories.expiredUrlLoop(
        world,
        hostOf(pick(['marathon-finish', 'marathon-km12', 'marathon-start'], number)),
        105 * second,
      ),
  ],
  [
    SPACING_MS,
    (world, hostOf, number) =>
      stories.twoEncoders(
        world,
        hostOf(pick(['concert-backstage', 'studio-b', 'concert-main'], number)),
        45 * second,
      ),
  ],
  [2 * SPACING_MS, (world) => stories.nodeFault(world, '192.0.2.12', 40 * second)],
  [
    3 * SPACING_MS,
    (world, hostOf) =>
      stories.unpaidBill(world, undefined, Object.values(streams).flat().map(hostOf), 20 * second),
  ],
  [
    4 * SPACING_MS,
    (world, hostOf, number) =>
      stories.repeatedBreak(world, hostOf(pick(['shop-17', 'shop-21', 'shop-14'], number)), {
        code: { errcode: 7, subErrcode: 0 },
        breaks: 4,
        intervalMs: 25 * second,
      }),
  ],
  [
    5 * SPACING_MS,
    (_world, hostOf) => {
      for (const [index, stream] of [1, 2, 3, 4, 5].entries()) {
        const host = hostOf(`fair-hall-${stream}`);
        host.cutNetwork(silenceBeforeBreakMs + 35 * second, {
          errcode: 12 + index,
          subErrcode: 0,
        });
      }
    },
  ],
  [
    6 * SPACING_MS,
    (world, hostOf, number) =>
      stories.operatorBan(
        world,
        hostOf(pick(['shop-12', 'shop-19', 'shop-22'], number)),
        75 * second,
      ),
  ],
  [
    7 * SPACING_MS,
    (world, hostOf, number) =>
      stories.wrongUrl(
        world,
        hostOf(pick(['harbour-cam', 'airport-cam', 'weather-cam'], number)),
        'wrong-secret',
        75 * second,
      ),
  ],
];

const ROUND_MS = round.length * SPACING_MS;
const HISTORY_MS = 6 * 60 * minute;
/** Every so often, a stream that no story uses ends normally and starts again. */
const NORMAL_END_EVERY_MS = 4 * minute;

/**
 * Forty streams, mostly calm. One thing happens at a time, every three minutes: an expired push URL, two
 * encoders with one name, a faulty node, an unpaid bill, frames that are too large, the line of a venue, a
 * ban, a wrong key. Then they begin again with other streams. The round that begins at the start begins
 * with an expired URL. Six hours of history are the same.
 */
export const demo: Scenario = {
  historyMs: HISTORY_MS,
  play: (world) => {
    const hosts = addHosts(world);
    const hostOf: HostOf = (stream) => hosts.get(stream) as PushHost;
    const begins = world.now + minute;
    const playRound = (number: number): void => {
      const at = world.liveFrom + number * ROUND_MS;
      for (const [beginsMs, play] of round) {
        if (at + beginsMs >= begins) {
          world.at(at + beginsMs, () => play(world, hostOf, number));
        }
      }
      // A round plans the next one before that begins.
      world.at(at + (round.length - 1) * SPACING_MS + second, () => playRound(number + 1));
    };
    playRound(-Math.ceil(HISTORY_MS / ROUND_MS));

    const quiet = ['studio-a', 'city-hall', 'concert-drone', 'shop-11', 'shop-13', 'shop-15'];
    const endNormally = (): void => {
      stories.normalEnd(world, hostOf(world.random.pick(quiet)), 40 * second);
      world.after(NORMAL_END_EVERY_MS, endNormally);
    };
    world.at(begins + NORMAL_END_EVERY_MS, endNormally);
  },
};
