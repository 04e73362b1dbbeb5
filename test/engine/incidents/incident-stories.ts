import fc from 'fast-check';
import { createRandom } from '../../../bench/diagnosis/random.ts';
import type { ChainGroup, ChainScript, ChainStep } from '../../verdicts/chain.ts';
import { type Message, messagesOf } from '../../verdicts/chain-messages.ts';
import { type PlayedPush, playChain } from '../../verdicts/play-chain.ts';

/** What happens to some groups of streams at once, and what follows. Times are seconds. */
interface Chapter {
  kind: 'cut' | 'flap' | 'stop';
  cause: Pick<ChainStep, 'reason' | 'errcode' | 'subErrcode'>;
  /** Places of the groups that it happens to. */
  who: number[];
  /** Time since the chapter before. */
  gap: number;
  spread: number;
  /** How long the streams are down. */
  down: number;
  comesBack: boolean;
  /** Why tries are refused meanwhile; null when there are none. */
  blocker: Pick<ChainStep, 'reason' | 'errcode' | 'subErrcode'> | null;
  lateBy: number;
  path: 'api' | undefined;
}

/** One account's course of events. */
export interface IncidentStory {
  script: ChainScript;
  /** Seed of lost, repeated and late messages. */
  seed: number;
  /** Messages come up to five minutes later than usual, in any order. */
  shuffled: boolean;
  /** Callbacks get lost; otherwise the clocks of callbacks and API differ. */
  lossy: boolean;
  /** From when on starts of pushes are known, seconds around moment 0; null when they are not. */
  pushesSince: number | null;
}

const ARREARS = { reason: 'arrears', errcode: 18, subErrcode: 202 };
const EXPIRED = { reason: 'expiry_passed', errcode: 18, subErrcode: 501 };
const NETWORK = { reason: 'network', errcode: 13 };

const chapter: fc.Arbitrary<Chapter> = fc.record({
  kind: fc.constantFrom('cut', 'cut', 'cut', 'flap', 'stop'),
  cause: fc.constantFrom(
    NETWORK,
    NETWORK,
    ARREARS,
    { reason: 'idle_no_data', errcode: 20 },
    { reason: 'platform_internal', errcode: 9 },
    { reason: 'operator_drop', errcode: 21, subErrcode: 100 },
  ),
  who: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
  gap: fc.oneof(
    fc.integer({ min: 0, max: 10 }),
    fc.integer({ min: 20, max: 400 }),
    fc.integer({ min: 700, max: 2_500 }),
  ),
  spread: fc.constantFrom(0, 1, 4, 30),
  down: fc.integer({ min: 5, max: 700 }),
  comesBack: fc.boolean(),
  blocker: fc.constantFrom(null, null, EXPIRED, ARREARS),
  lateBy: fc.constantFrom(0, 0, 0, 300),
  path: fc.constantFrom(undefined, undefined, undefined, 'api' as const),
});

const group: fc.Arbitrary<Omit<ChainGroup, 'stream'>> = fc.record({
  count: fc.integer({ min: 1, max: 6 }),
  domain: fc.constantFrom('push-a.example.com', 'push-a.example.com', 'push-b.example.com'),
  app: fc.constantFrom('live', 'live', 'show'),
  node: fc.constantFrom('192.0.2.1', '192.0.2.1', '192.0.2.9', '192.0.2.1{m}'),
  ip: fc.constantFrom('203.0.113.{i}', '198.51.{i}.7', '198.52.{i}.7'),
});

/** Any course of one account: up to four groups of streams and ten things that happen to them. */
export const incidentStory: fc.Arbitrary<IncidentStory> = fc
  .record({
    groups: fc.array(group, { minLength: 1, maxLength: 4 }),
    chapters: fc.array(chapter, { minLength: 1, maxLength: 10 }),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    shuffled: fc.boolean(),
    lossy: fc.boolean(),
    pushesSince: fc.constantFrom(-7_200, -7_200, null),
  })
  .map(({ groups, chapters, seed, shuffled, lossy, pushesSince }) => {
    // What comes more than a quarter of an hour late does not change a past incident.
    return { script: tell(groups, chapters), seed, shuffled, lossy, pushesSince };
  });

/**
 * The messages of a story as they reach Breakwatch, in order of arrival.
 *
 * @param moment0 - epoch ms UTC
 */
export function messagesOfStory(
  { script, seed, shuffled, lossy }: IncidentStory,
  account: string,
  moment0: number,
): Message[] {
  const random = createRandom(seed);
  const pushes = playChain(script, random, moment0).map(inWholeSeconds);
  const messages = messagesOf(pushes, {
    account,
    random,
    drop: lossy ? 0.05 : 0,
    clockMs: lossy ? 0 : random.int(-1_500, 1_500),
    ourClockMs: 0,
    // That would bring breaks before they happen.
    shuffled: false,
    language: 'en',
    numbers: true,
  });
  return messages
    .map(({ entry, arrivesAt }) => ({
      entry,
      arrivesAt: arrivesAt + (shuffled ? random.int(0, 300) * 1_000 : 0),
    }))
    .sort((a, b) => a.arrivesAt - b.arrivesAt);
}

/** The end of a push reports its start again. Fractions of a second would change past recoveries. */
function inWholeSeconds({ startedAt, endedAt, ...push }: PlayedPush): PlayedPush {
  const whole = (at: number) => Math.round(at / 1_000) * 1_000;
  return { ...push, startedAt: whole(startedAt), endedAt: endedAt && whole(endedAt) };
}

function tell(
  groups: readonly Omit<ChainGroup, 'stream'>[],
  chapters: readonly Chapter[],
): ChainScript {
  const names = groups.map((_group, place) => `group-${place}`);
  const timeline: ChainStep[] = names.map((name) => ({
    at: -3_000,
    spread: 600,
    do: 'push',
    who: [name],
  }));
  /** When the next thing may happen to a group, and whether it is live then. */
  const state = names.map(() => ({ freeAt: 0, live: true }));
  let at = 0;
  for (const one of chapters) {
    at += one.gap;
    for (const [place, name] of names.entries()) {
      const own = state[place] as (typeof state)[number];
      if (!one.who.includes(place) || own.freeAt > at) {
        continue;
      }
      if (!own.live) {
        timeline.push({ at, spread: 5, do: 'push', who: [name] });
        Object.assign(own, { live: true, freeAt: at + 10 });
        continue;
      }
      timeline.push(...stepsOf(one, at, name));
      const turns = one.kind === 'flap' ? 150 : 0;
      const back = at + one.spread + one.down + turns;
      own.live = one.comesBack || one.kind === 'flap';
      own.freeAt = back + 40;
    }
  }
  return {
    id: 'any',
    story: '',
    source: '',
    groups: Object.fromEntries(
      groups.map((one, place) => [names[place], { ...one, stream: `room-${place}-{i}` }]),
    ),
    timeline,
    expect: { incidents: [] },
  };
}

function stepsOf(one: Chapter, at: number, name: string): ChainStep[] {
  const { kind, cause, spread, down, blocker, lateBy, path } = one;
  const common = { spread, who: [name], lateBy, ...(path && { path }) };
  const back: ChainStep[] = one.comesBack
    ? [{ at: at + spread + down, spread: 5, do: 'push', who: [name] }]
    : [];
  switch (kind) {
    case 'flap':
      return [{ ...common, ...NETWORK, at, do: 'flap', times: 4, every: 40, down: 8 }];
    case 'stop':
      return [{ ...common, reason: 'client_closed', errcode: 1, at, do: 'end' }, ...back];
    case 'cut':
      return [
        { ...common, ...cause, at, do: 'break' },
        ...(blocker
          ? [
              {
                ...common,
                ...blocker,
                at: at + 1,
                do: 'refuse' as const,
                retry: 'obs' as const,
                until: at + down - 5,
              },
            ]
          : []),
        ...back,
      ];
  }
}
