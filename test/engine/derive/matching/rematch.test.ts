import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  groupObservations,
  mergeObservations,
  type Observation,
  observationKey,
} from '../../../../src/engine/derive/matching/merge-observations.ts';
import {
  REMATCH_WINDOW_MS as REMATCH_SPAN_MS,
  rematch,
} from '../../../../src/engine/derive/matching/rematch.ts';
import { NOON } from '../../../helpers/arrived-end.ts';
import { observationsOf, STORIES } from '../../../helpers/break-stories.ts';

/** Groups as sorted lists of keys, in a fixed order. */
function named(groups: readonly (readonly { sourceKey: Observation['sourceKey'] }[])[]): string[] {
  return groups
    .map((group) =>
      group
        .map((one) => observationKey(one.sourceKey))
        .sort()
        .join(' + '),
    )
    .sort();
}

interface Known {
  id: string;
  endedAt: number;
  sources: Observation['sourceKey'][];
  merged: Observation[];
}

/** Follows arrivals batch by batch as deriving does. Returns the events and the number of reads. */
async function follow(batches: readonly Observation[][]) {
  const journal = new Map<string, Observation>();
  let events: Known[] = [];
  let reads = 0;
  for (const batch of batches) {
    const arrived = batch.map((one) => ({ ...one, seq: journal.size + 1 + batch.indexOf(one) }));
    for (const one of arrived) {
      journal.set(observationKey(one.sourceKey), one);
    }
    const from = Math.min(...arrived.map(({ endedAt }) => endedAt)) - REMATCH_SPAN_MS;
    const to = Math.max(...arrived.map(({ endedAt }) => endedAt)) + REMATCH_SPAN_MS;
    const { dissolved, groups } = await rematch(
      events.filter(({ endedAt }) => endedAt >= from && endedAt <= to),
      arrived,
      {
        ofSingle: (event) => ({ ...(event.merged[0] as Observation), seq: undefined }),
        read: async (keys) => {
          reads += 1;
          return keys.map((key) => journal.get(observationKey(key)) as Observation);
        },
      },
    );
    events = events.filter((event) => !dissolved.includes(event));
    for (const group of groups) {
      const { id, endedAt, sources } = mergeObservations(group);
      events.push({ id, endedAt, sources, merged: group });
    }
  }
  return { groups: named(events.map(({ merged }) => merged)), events, reads };
}

/** A story, and an order and batches in which its observations arrive. */
const ARRIVALS = STORIES.chain((story) => {
  const observations = observationsOf(story);
  return fc.record({
    story: fc.constant(story),
    order: fc.oneof(
      fc.shuffledSubarray(observations, { minLength: observations.length }),
      // The usual case: callbacks at once, the API later.
      fc.constant([...observations].sort((a, b) => late(a) - late(b))),
    ),
    sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
  });
});

function late({ endedAt, sourceKey }: Observation): number {
  return endedAt + (sourceKey.source === 'api' ? 65_000 : 0);
}

function inBatches<T>(items: readonly T[], sizes: readonly number[]): T[][] {
  const batches: T[][] = [];
  for (let from = 0, turn = 0; from < items.length; turn += 1) {
    const size = sizes[turn % sizes.length] as number;
    batches.push(items.slice(from, from + size));
    from += size;
  }
  return batches;
}

/** A loop of three hours; the callbacks of the second hour are lost. */
function hoursOfRefusals(offsetMs: number) {
  const ends = Array.from({ length: 2_160 }, (_, index) => {
    const at = NOON + index * 5_000 + ((index * 379) % 700);
    return { startedAt: at, endedAt: at, kind: 'refused' as const };
  });
  const seen = ends.map((_, index) => ({ callback: Math.floor(index / 720) !== 1, api: true }));
  return { ends, offsetMs, seen, ambiguous: false };
}

/** Returns the break of the story that an observation reports. */
function truthOf({ sourceKey }: Observation): number {
  return Number.parseInt(sourceKey.key, 10);
}

/** Returns the sum of the time differences within the groups, ms. */
function apart(groups: readonly (readonly Observation[])[]): number {
  return groups
    .map((group) => group.map(({ endedAt }) => endedAt))
    .reduce((sum, times) => sum + Math.max(...times) - Math.min(...times), 0);
}

describe('groupObservations', () => {
  it('finds every break of a story exactly once', () => {
    const runs = Number(process.env.RUNS ?? 300);
    let mistaken = 0;
    fc.assert(
      fc.property(STORIES, (story) => {
        const observations = observationsOf(story);
        const groups = groupObservations(observations).map(({ observations }) => observations);
        if (story.ambiguous) {
          expect(groups).toHaveLength(story.ends.length);
          return;
        }
        const truths = groups.map((group) => [...new Set(group.map(truthOf))]);
        if (truths.some(({ length }) => length > 1)) {
          // CSS reports whole seconds, so attempts in quick succession may fit two clock differences.
          mistaken += 1;
          const truth = Map.groupBy(observations, truthOf);
          expect(groups.length).toBeLessThanOrEqual(truth.size);
          expect(apart(groups)).toBeLessThanOrEqual(apart([...truth.values()]));
          return;
        }
        expect(truths.flat().sort((a, b) => a - b)).toEqual(story.ends.map((_, index) => index));
      }),
      { numRuns: runs },
    );
    expect(mistaken).toBeLessThanOrEqual(Math.ceil(runs / 100));
  });

  it('separates the attempts of an encoder that retries every 5 s for hours, with clocks 2 s apart', () => {
    const story = hoursOfRefusals(1_900);
    const groups = groupObservations(observationsOf(story)).map(({ observations }) => observations);
    expect(groups).toHaveLength(story.ends.length);
    for (const group of groups) {
      expect(new Set(group.map(({ sourceKey }) => sourceKey.key)).size).toBe(1);
    }
  });

  it('does not depend on the order of observations', () => {
    fc.assert(
      fc.property(ARRIVALS, ({ story, order }) => {
        const group = (observations: Observation[]) =>
          named(groupObservations(observations).map((one) => one.observations));
        expect(group(order)).toEqual(group(observationsOf(story)));
      }),
      { numRuns: 200 },
    );
  });
});

describe('rematch', () => {
  it('has the same result as all observations at once, for any order and batches', async () => {
    await fc.assert(
      fc.asyncProperty(ARRIVALS, async ({ story, order, sizes }) => {
        const atOnce = groupObservations(observationsOf(story)).map(
          ({ observations }) => observations,
        );
        const { groups, events } = await follow(inBatches(order, sizes));
        expect(groups).toEqual(named(atOnce));
        expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
        // Deriving it all again gives the same ids.
        const again = await follow([order]);
        expect(events.map(({ id }) => id).sort()).toEqual(again.events.map(({ id }) => id).sort());
      }),
      { numRuns: Number(process.env.RUNS ?? 300) },
    );
  });

  it('does so for contradictory observations too', async () => {
    const nonsense = fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 700 }), api: fc.boolean() }),
      { minLength: 1, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(nonsense, fc.integer({ min: 1, max: 7 }), async (ends, size) => {
        const [base] = observationsOf({
          ends: [{ startedAt: 0, endedAt: 0, kind: 'refused' }],
          offsetMs: 0,
          seen: [{ callback: true, api: false }],
          ambiguous: false,
        }) as [Observation];
        const observations = ends.map(({ at, api }, index): Observation => {
          const source = api ? 'api' : 'callback';
          const sourceKey = { source, key: String(index), receivedAt: 0 } as const;
          return { ...base, startedAt: null, endedAt: at * 1_000, sourceKey };
        });
        const atOnce = groupObservations(observations).map((one) => one.observations);
        const { groups } = await follow(inBatches(observations, [size]));
        expect(groups).toEqual(named(atOnce));
      }),
      { numRuns: Number(process.env.RUNS ?? 300) },
    );
  });

  it('reads only nearby observations when a loop continues for hours', async () => {
    const story = hoursOfRefusals(-1_400);
    const observations = observationsOf(story).sort((a, b) => late(a) - late(b));
    const { groups } = await follow(inBatches(observations, [40]));
    expect(groups).toEqual(named(groupObservations(observations).map((one) => one.observations)));
    expect(groups).toHaveLength(story.ends.length);
  });

  it('reads nothing while breaks are isolated', async () => {
    const minutes = Array.from({ length: 40 }, (_, index) => ({
      startedAt: index * 60_000,
      endedAt: index * 60_000 + 25_000,
      kind: 'network' as const,
    }));
    const seen = minutes.map(() => ({ callback: true, api: true }));
    const observations = observationsOf({ ends: minutes, offsetMs: 1_700, seen, ambiguous: false });
    const order = [...observations].sort((a, b) => late(a) - late(b));
    const { groups, reads } = await follow(inBatches(order, [1]));
    expect(groups).toHaveLength(40);
    expect(reads).toBe(0);
  });
});
