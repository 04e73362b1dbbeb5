import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { callbackEntry, parseCallback } from '../../src/css/callbacks/callback.ts';
import { printCssTime } from '../../src/css/css-time.ts';
import { importEntry } from '../../src/css/import/index.ts';
import type { Diagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import { deriveEntries } from '../../src/engine/derive/derive-entries.ts';
import { type JournalEntry, QUIET_MARK } from '../../src/model/break.ts';
import { openThreadStore } from '../../src/store/open-thread-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { NOON } from '../helpers/arrived-end.ts';
import { dumpDerived } from '../helpers/dump-derived.ts';
import { loadShippedDiagnoser } from '../helpers/shipped-diagnoser.ts';

const HOUR_S = 3_600;

let diagnoser: Diagnoser;
beforeAll(async () => {
  diagnoser = await loadShippedDiagnoser();
});

/** Counts as of the moment of a diagnosis: a report that is merged later may move a break out of their window. */
const COUNTS = new Set(['breaksOfClientIp5m', 'breaksOfDomain5m']);

/** One push of a stream, and which of its messages come; times in s. */
interface Told {
  stream: number;
  /** Since the push before it ended; negative when both were live at once. */
  wait: number;
  live: number;
  tells: readonly ('record' | 'begin' | 'end')[];
  reason: number;
  /** Place in the order of arrival. */
  place: number;
  /** Its first message comes again. */
  again: boolean;
}

const TOLD: fc.Arbitrary<Told> = fc.record({
  stream: fc.nat({ max: 1 }),
  // Rarely long, so that most streams have many breaks within a day.
  wait: fc.oneof(
    { weight: 80, arbitrary: fc.integer({ min: 1, max: 90 }) },
    { weight: 16, arbitrary: fc.integer({ min: 100, max: HOUR_S }) },
    { weight: 1, arbitrary: fc.integer({ min: 5 * HOUR_S, max: 40 * HOUR_S }) },
    { weight: 3, arbitrary: fc.integer({ min: -30, max: -1 }) },
  ),
  live: fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 80, arbitrary: fc.integer({ min: 1, max: 120 }) },
    { weight: 1, arbitrary: fc.integer({ min: HOUR_S, max: 30 * HOUR_S }) },
  ),
  tells: fc.constantFrom<Told['tells'][]>(
    ['record'],
    ['record'],
    ['record'],
    ['begin'],
    ['end'],
    ['begin', 'end'],
    ['record', 'end'],
    ['record', 'begin', 'end'],
  ),
  reason: fc.nat({ max: 3 }),
  place: fc.integer({ min: 0, max: 30 }),
  again: fc.boolean(),
});

const REASONS = [
  { text: 'The push timed out.', errcode: 13 },
  { text: 'The URL has expired.', errcode: 18 },
  { text: 'Client disconnected. Recv rtmp deleteStream.', errcode: 1 },
  { text: 'Network jitters at the push end or the network is disconnected.', errcode: 13 },
] as const;

/**
 * The messages, newest first but for some. Each stream has its own account, domain and address, and no node: what
 * is counted of other streams, or of a node that one source alone knows, depends on what was known when a break was
 * diagnosed, and so on the batches.
 */
function messagesOf(all: readonly Told[]): JournalEntry[] {
  const ends = new Map<number, number>();
  const placed = all.flatMap((told, index) => {
    const { stream, wait, live, tells, reason, place, again } = told;
    const from = (ends.get(stream) ?? NOON / 1_000) + wait;
    const to = from + live;
    ends.set(stream, to);
    const account = `account-${stream}`;
    const { text, errcode } = REASONS[reason] as (typeof REASONS)[number];
    const callback = (part: Record<string, unknown>, at: number) =>
      callbackEntry(
        account,
        parseCallback({
          app: `push-${stream}.example.com`,
          appname: 'live',
          stream_id: `shop-${stream}`,
          event_time: at,
          sequence: `${index}`,
          user_ip: `203.0.113.${stream}`,
          ...part,
        }),
        at * 1_000 + 400,
        [],
      );
    const messages = tells.map((what) => {
      if (what === 'begin') {
        return callback({ event_type: 1, errcode: 0 }, from);
      }
      if (what === 'end') {
        return callback({ event_type: 0, errcode, push_duration: `${live * 1_000}` }, to);
      }
      const record = {
        DomainName: `push-${stream}.example.com`,
        AppName: 'live',
        StreamName: `shop-${stream}`,
        StreamStartTime: printCssTime(from * 1_000),
        StreamEndTime: printCssTime(to * 1_000),
        StopReason: text,
        Duration: live,
        ClientIp: `203.0.113.${stream}`,
      };
      const entry = importEntry(account, record, NOON + 90 * 24 * HOUR_S * 1_000, []);
      return { ...entry, derived: { ...entry.derived, [QUIET_MARK]: true } };
    });
    const first = messages[0] as JournalEntry;
    return [...messages, ...(again ? [first] : [])].map((entry, of) => ({
      entry,
      place: (place > 24 ? place : 0) * 3 - index + of / 10,
    }));
  });
  return placed.sort((a, b) => a.place - b.place).map(({ entry }) => entry);
}

/**
 * Derives the messages in batches, as the deriver thread does. Each store is closed and opened again between two
 * batches, as after a crash.
 *
 * @returns what is stored then
 */
async function derive(messages: readonly JournalEntry[], limits: readonly number[]) {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-batches-'));
  try {
    let left = messages.length;
    for (let run = 0; left > 0; run++) {
      const store = await openSqliteStore({ folder, synchronous: 'normal' });
      if (run === 0) {
        await store.append([...messages]);
      }
      const own = openThreadStore(store.share);
      for (let of = 0; of < 25 && left > 0; of++) {
        const limit = limits[(run * 25 + of) % limits.length] as number;
        const entries = await own.journal(await own.cursor(), limit);
        left = entries.length === 0 ? 0 : left;
        if (entries.length > 0) {
          await own.commit(
            await deriveEntries(entries, { store: own, diagnoser, apiState: () => undefined }),
          );
        }
      }
      await own.close();
      await store.close();
    }
    return dumpDerived(folder, COUNTS);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it('stores the same for a history in one batch as for one in many', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(TOLD, { minLength: 60, maxLength: 140 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 9 }),
      async (all, limits) => {
        const messages = messagesOf(all);
        const inOne = await derive(messages, [5_000]);
        expect(inOne.breaks.length).toBeGreaterThan(0);
        expect(await derive(messages, limits)).toEqual(inOne);
      },
    ),
    { numRuns: 8, endOnFailure: true },
  );
}, 120_000);
