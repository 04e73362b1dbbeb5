import type { BreakRecord } from '../../src/model/break.ts';
import type { Filters, GroupBy } from '../../src/model/query.ts';
import type { SeriesGroup, SeriesSearch } from '../../src/store/store.ts';
import { DAY, makeRecord, type RecordChange } from './make-record.ts';

const SECOND = 1_000;
const QUARTER = 900 * SECOND;
const HOUR = 4 * QUARTER;

/** A generator of random numbers in [0, 1) that repeats for a seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const GROUPS: GroupBy[][] = [[], ['category'], ['domain'], ['rule', 'outcome'], ['stream']];
const FILTERS: Filters[] = [
  {},
  { outcome: ['broken', 'refused'] },
  { category: ['auth'] },
  { domain: ['a.*'], outcome: ['refused'] },
  { rule: ['network/*'], account: ['one'] },
  { stream: ['s1'] },
];

/** A search for lost minutes of a day. */
export const searchOf = (change: Partial<SeriesSearch>): SeriesSearch => ({
  range: { from: DAY, to: DAY + 24 * HOUR },
  filters: {},
  groupBy: [],
  stepMs: QUARTER,
  measure: 'lostMinutes',
  limit: 100,
  now: DAY + 24 * HOUR,
  ...change,
});

/** The points of each group, rounded, so that two answers can be compared. */
export function pointsByLabels(groups: readonly SeriesGroup[]): Map<string, number[]> {
  return new Map(
    groups.map(({ labels, points }) => [
      JSON.stringify(labels),
      Array.from(points, (point) => Math.round(point * 1e6) / 1e6),
    ]),
  );
}

/** What a batch writes. */
interface StoryBatch {
  breaks: BreakRecord[];
  removed: string[];
}

/** Outages of a few streams, which begin, recover, are judged again, move and are merged in any order. */
export interface LostStory {
  /** The breaks that a store must have. */
  known: Map<string, BreakRecord>;
  /** The next batch, which is noted in `known`. */
  next(): StoryBatch;
  /** A search at random. */
  search(): SeriesSearch;
}

/** Makes a story that repeats for a seed. */
export function makeLostStory(seed: number): LostStory {
  const random = randomFrom(seed * 7_919);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const seconds = (max: number) => Math.floor(random() * max) * SECOND;
  const known = new Map<string, BreakRecord>();
  const change = (): RecordChange => {
    const category = pick(['auth', 'network'] as const);
    return {
      category,
      rule: `${category}/${pick(['x', 'y'])}`,
      outcome: pick(['broken', 'refused', 'refused', 'ended'] as const),
    };
  };
  let id = 0;

  /** An outage: a break and refused retries, which recover together, late or not at all. */
  function outage(): BreakRecord[] {
    const place = {
      account: pick(['one', 'two']),
      domain: pick(['a.example.com', 'b.example.com']),
      stream: pick(['s1', 's2']),
    };
    const endedAt = DAY + seconds(20 * 3_600);
    const lostMs = pick([seconds(60), seconds(900), seconds(30_000)]);
    const recoveredAt = random() < 0.25 ? null : endedAt + lostMs;
    return Array.from({ length: 1 + Math.floor(random() * 5) }, (_, retry) =>
      makeRecord({
        ...change(),
        ...place,
        id: `id-${id++}`,
        endedAt: endedAt + Math.floor(random() * retry * 120) * SECOND,
        // A break of another push may recover at another time.
        recoveredAt: random() < 0.9 ? recoveredAt : endedAt + seconds(40_000),
      }),
    );
  }

  function nextBatch(): StoryBatch {
    const records = [...known.values()];
    const some = records.filter(() => random() < 0.2);
    switch (pick(['new', 'new', 'recovered', 'judged', 'moved', 'merged'] as const)) {
      case 'new':
        return { breaks: [...outage(), ...outage()], removed: [] };
      case 'recovered':
        return {
          breaks: some
            .filter(({ event }) => event.recoveredAt === null)
            .map(({ event, verdict }) => ({
              event: { ...event, recoveredAt: event.endedAt + seconds(20_000) },
              verdict,
            })),
          removed: [],
        };
      case 'judged':
        return {
          breaks: some.map(({ event }) => ({
            event,
            verdict: makeRecord({ ...change(), id: event.id, endedAt: event.endedAt }).verdict,
          })),
          removed: [],
        };
      case 'moved':
        return {
          breaks: some.map(({ event, verdict }) => ({
            event: { ...event, endedAt: event.endedAt + seconds(60) - 30 * SECOND },
            verdict,
          })),
          removed: [],
        };
      case 'merged':
        // A row that is deleted gives its number to the next one.
        return { breaks: outage(), removed: some.map(({ event }) => event.id) };
    }
  }

  return {
    known,
    next() {
      const batch = nextBatch();
      for (const one of batch.removed) {
        known.delete(one);
      }
      for (const one of batch.breaks) {
        known.set(one.event.id, one);
      }
      return batch;
    },
    search() {
      const from = DAY + seconds(20 * 3_600);
      return searchOf({
        range: { from, to: from + SECOND + seconds(20 * 3_600) },
        filters: pick(FILTERS),
        groupBy: pick(GROUPS),
        stepMs: pick([QUARTER, QUARTER, HOUR, 24 * HOUR, 77 * SECOND]),
        now: DAY + seconds(40 * 3_600),
      });
    },
  };
}
