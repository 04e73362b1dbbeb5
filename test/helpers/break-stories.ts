import fc from 'fast-check';
import type { Observation } from '../../src/engine/derive/matching/merge-observations.ts';
import type { Source } from '../../src/model/vocabulary.ts';
import { NOON } from './arrived-end.ts';

/** One end of a push as it really happened. Times are epoch ms UTC. */
interface TrueEnd {
  startedAt: number;
  endedAt: number;
  kind: 'network' | 'refused' | 'closed';
}

/** What happened to one stream, and which sources reported it. */
export interface Story {
  ends: TrueEnd[];
  /** Offset of the API's clock, ms. Positive when it is ahead. */
  offsetMs: number;
  /** Which sources report each end; at least one does. */
  seen: { callback: boolean; api: boolean }[];
  /**
   * Callbacks were lost, and ends follow each other at equal intervals, or too fast for times in whole
   * seconds. Then it is impossible to know which of two ends a callback belongs to.
   */
  ambiguous: boolean;
}

type Chapter =
  | { kind: 'long'; liveMs: number; downMs: number }
  | { kind: 'obs'; refusals: number; tight: boolean }
  | { kind: 'fixed'; refusals: number; intervalMs: number }
  | { kind: 'flaps'; flaps: number; liveMs: number; downMs: number }
  | { kind: 'closed'; liveMs: number };

const CHAPTERS = fc.oneof(
  fc.record({
    kind: fc.constant('long' as const),
    liveMs: fc.integer({ min: 20_000, max: 900_000 }),
    downMs: fc.integer({ min: 1_500, max: 60_000 }),
  }),
  fc.record({
    kind: fc.constant('obs' as const),
    refusals: fc.integer({ min: 1, max: 9 }),
    tight: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('fixed' as const),
    // Short enough to be matched as one group.
    refusals: fc.integer({ min: 2, max: 24 }),
    intervalMs: fc.constantFrom(3_000, 4_000, 5_000, 6_000, 15_000),
  }),
  fc.record({
    kind: fc.constant('flaps' as const),
    flaps: fc.integer({ min: 1, max: 6 }),
    liveMs: fc.integer({ min: 1_000, max: 9_000 }),
    downMs: fc.integer({ min: 2_000, max: 5_000 }),
  }),
  fc.record({
    kind: fc.constant('closed' as const),
    liveMs: fc.integer({ min: 2_000, max: 400_000 }),
  }),
);

function endsOf(chapters: readonly Chapter[], startsAt: number): TrueEnd[] {
  const ends: TrueEnd[] = [];
  let now = startsAt;
  const live = (liveMs: number, kind: TrueEnd['kind'], downMs: number) => {
    ends.push({ startedAt: now, endedAt: now + liveMs, kind });
    now += liveMs + downMs;
  };
  const refuse = (nextMs: number) => {
    ends.push({ startedAt: now, endedAt: now, kind: 'refused' });
    now += nextMs;
  };
  for (const chapter of chapters) {
    if (chapter.kind === 'long') {
      live(chapter.liveMs, 'network', chapter.downMs);
    } else if (chapter.kind === 'closed') {
      live(chapter.liveMs, 'closed', 30_000);
    } else if (chapter.kind === 'flaps') {
      for (let index = 0; index < chapter.flaps; index += 1) {
        live(chapter.liveMs + ((index * 731) % 900), 'network', chapter.downMs);
      }
    } else {
      for (let index = 0; index < chapter.refusals; index += 1) {
        refuse(
          chapter.kind === 'fixed'
            ? chapter.intervalMs
            : Math.round((chapter.tight ? 2_000 : 2_600) * 1.5 ** index),
        );
      }
    }
  }
  return ends;
}

/** Which sources report an end: both, only one, or some callbacks are lost. */
function sourcesSeeing(
  mode: 'both' | 'callback' | 'api' | 'refusals by api' | 'refusals by callback' | 'some lost',
  lost: readonly boolean[],
): (end: TrueEnd, index: number) => Story['seen'][number] {
  return ({ kind }, index) => {
    const refused = kind === 'refused';
    switch (mode) {
      case 'both':
        return { callback: true, api: true };
      case 'callback':
        return { callback: true, api: false };
      case 'api':
        return { callback: false, api: true };
      case 'refusals by api':
        return { callback: !refused, api: true };
      case 'refusals by callback':
        return { callback: true, api: !refused };
      default:
        // Both sources report the first, long push. Without it, the clock offset could not be estimated.
        return { callback: index === 0 || !lost[index % lost.length], api: true };
    }
  };
}

/** Stories of one stream: breaks, retry loops, flaps, with clocks that differ by up to 3 s. */
export const STORIES: fc.Arbitrary<Story> = fc
  .record({
    chapters: fc.array(CHAPTERS, { minLength: 1, maxLength: 4 }),
    startsAt: fc.integer({ min: 0, max: 600_000 }),
    offsetMs: fc.integer({ min: -3_000, max: 3_000 }),
    mode: fc.constantFrom(
      ...(['both', 'callback', 'api', 'refusals by api', 'refusals by callback'] as const),
      ...(['some lost', 'some lost'] as const),
    ),
    lost: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
  })
  .map(({ chapters, startsAt, offsetMs, mode, lost }) => {
    const first: Chapter = { kind: 'long', liveMs: 60_000, downMs: 2_600 };
    const notified = mode === 'some lost' ? [first, ...chapters] : chapters;
    const ends = endsOf(notified, NOON + startsAt);
    const isEven = chapters.some(({ kind }) => kind === 'fixed' || kind === 'flaps');
    const seen = ends.map(sourcesSeeing(mode, lost));
    const isTight = ends.some(
      ({ endedAt }, index) => endedAt - (ends[index - 1]?.endedAt ?? -Infinity) < 2_500,
    );
    return { ends, offsetMs, seen, ambiguous: mode === 'some lost' && (isEven || isTight) };
  });

const second = (time: number) => Math.floor(time / 1_000) * 1_000;

/** The observations of a story. The key of each begins with the index of its end. */
export function observationsOf(story: Story, stream = 'shop-17'): Observation[] {
  return story.ends.flatMap((end, index) => {
    const { callback, api } = story.seen[index] as Story['seen'][number];
    return [
      ...(callback ? [observation('callback', end, index, 0, stream)] : []),
      ...(api ? [observation('api', end, index, story.offsetMs, stream)] : []),
    ];
  });
}

const CODES = { network: 12, refused: 18, closed: 1 };
const TEXTS = {
  network: '推流链路网络异常',
  refused: '推流时间戳参数值已过期',
  closed: '客户端主动断流',
};

function observation(
  source: Source,
  { startedAt, endedAt, kind }: TrueEnd,
  index: number,
  offsetMs: number,
  stream: string,
): Observation {
  const isCallback = source === 'callback';
  const ended = second(endedAt + offsetMs);
  const durationMs = kind === 'refused' ? 0 : endedAt - startedAt;
  return {
    account: 'default',
    domain: 'push.example.com',
    app: 'live',
    stream,
    startedAt: isCallback ? ended - durationMs : second(startedAt + offsetMs),
    endedAt: ended,
    durationMs: isCallback ? durationMs : ended - second(startedAt + offsetMs),
    code: isCallback ? { errcode: CODES[kind], subErrcode: null } : null,
    bypassCode: null,
    reasonText: isCallback ? null : TEXTS[kind],
    clientIp: '203.0.113.7',
    node: isCallback ? '198.51.100.1' : null,
    resolution: isCallback ? null : '1280*720',
    sequence: isCallback ? `${stream}-${index}` : null,
    derived: isCallback ? { txSecretPresent: true } : {},
    setId: isCallback ? 2 : null,
    sourceKey: { source, key: `${index}:${stream}`, receivedAt: ended },
    seq: undefined,
  };
}
