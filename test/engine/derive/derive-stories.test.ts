import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiEntry } from '../../../src/css/api/api-entry.ts';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import type { Diagnoser } from '../../../src/diagnosis/run/create-diagnoser.ts';
import { deriveEntries } from '../../../src/engine/derive/derive-entries.ts';
import type { JournalEntry } from '../../../src/model/break.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { NOON } from '../../helpers/arrived-end.ts';
import { observationsOf, STORIES, type Story } from '../../helpers/break-stories.ts';
import { deriveJournal } from '../../helpers/derive-journal.ts';
import { loadShippedDiagnoser } from '../../helpers/shipped-diagnoser.ts';

const HOUR = 3_600_000;
let diagnoser: Diagnoser;
let folder: string;
let store: Store;
let accounts = 0;

beforeAll(async () => {
  diagnoser = await loadShippedDiagnoser();
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-stories-'));
  // There are no power failures here, so do not wait for the disk.
  store = await openSqliteStore({ folder, synchronous: 'normal' });
});
afterAll(async () => {
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

const utc = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** The messages of a story as journal entries. */
function messagesOf(story: Story, stream: string): JournalEntry[] {
  return observationsOf(story, stream).map((observation) => {
    const { domain, app, endedAt, durationMs, sourceKey, sequence, code, reasonText } = observation;
    if (sourceKey.source === 'callback') {
      const body = {
        app: domain,
        appname: app,
        stream_id: stream,
        event_type: 0,
        event_time: endedAt / 1_000,
        sequence,
        errcode: code?.errcode,
        push_duration: String(durationMs),
        user_ip: observation.clientIp,
      };
      return callbackEntry('default', parseCallback(body), endedAt + 400, []);
    }
    const info = {
      DomainName: domain,
      AppName: app,
      StreamName: stream,
      StreamStartTime: utc(observation.startedAt as number),
      StreamEndTime: utc(endedAt),
      StopReason: reasonText ?? '',
      Duration: (durationMs as number) / 1_000,
      ClientIp: observation.clientIp ?? '-',
    };
    return apiEntry('default', info, endedAt + 60_000);
  });
}

const deriveAll = (batch: number) =>
  deriveJournal({ store, diagnoser, apiState: () => undefined }, batch);

function derive(entries: Awaited<ReturnType<Store['journal']>>) {
  return deriveEntries(entries, { store, diagnoser, apiState: () => undefined });
}

/** The parts that do not depend on when breaks of other streams arrived. */
async function eventsOf(account: string) {
  const range = { from: NOON - HOUR, to: NOON + 4 * HOUR };
  const filters = { account: [account] };
  const records = await store.findBreaks({ range, filters, limit: 10_000 });
  const shown = records.map(({ event }) => ({
    stream: event.stream,
    at: event.endedAt - NOON,
    from: event.startedAt === null ? null : event.startedAt - NOON,
    reason: event.reason,
    text: event.reasonText,
    sources: event.sources.map(({ source, key }) => `${source} ${key}`).sort(),
    recoveredAt: event.recoveredAt === null ? null : event.recoveredAt - NOON,
    previous: event.facts.previousReason,
    since: event.facts.secondsSincePreviousBreak,
    breaksOfStream: event.facts.breaksOfStream10m,
  }));
  const counted = await store.series({
    range,
    filters,
    groupBy: ['outcome'],
    stepMs: HOUR,
    measure: 'count',
    limit: 10,
    now: NOON,
  });
  const total = counted.flatMap(({ points }) => [...points]).reduce((a, b) => a + b, 0);
  expect(total).toBe(records.length);
  expect(new Set(records.map(({ event }) => event.id)).size).toBe(records.length);
  const order = (one: (typeof shown)[number]) => JSON.stringify([one.at, one.stream, one.sources]);
  return shown.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

const ARRIVALS = fc.array(STORIES, { minLength: 1, maxLength: 3 }).chain((stories) => {
  const messages = stories.flatMap((story, index) => messagesOf(story, `shop-${index}`));
  return fc.record({
    stories: fc.constant(stories),
    messages: fc.constant(messages),
    // Repeats and shuffles, cut into appends.
    order: fc.tuple(fc.subarray(messages), fc.constant(messages)).chain(([again, all]) => {
      const sent = [...all, ...again];
      return fc.shuffledSubarray(sent, { minLength: sent.length });
    }),
    size: fc.integer({ min: 8, max: 60 }),
    lostCommits: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  });
});

describe('deriving stories of several streams', () => {
  it(
    'ends in the same events whatever the order, repeats, batches and crashes',
    async () => {
      await fc.assert(
        fc.asyncProperty(ARRIVALS, async ({ stories, messages, order, size, lostCommits }) => {
          accounts += 1;
          const [straight, crooked] = [`straight-${accounts}`, `crooked-${accounts}`];
          const appendAs = (entries: JournalEntry[], account: string) =>
            store.append(entries.map((entry) => ({ ...entry, account })));
          const { breaks: before } = await store.counts();
          await appendAs(messages, straight);
          await deriveAll(500);
          const wanted = await eventsOf(straight);
          for (let from = 0, turn = 0; from < order.length; from += size, turn += 1) {
            await appendAs(order.slice(from, from + size), crooked);
            if (lostCommits[turn % 5]) {
              // Killed after deriving and before the commit: the next start does it again.
              await derive(await store.journal(await store.cursor(), 500));
            } else {
              await deriveAll(23);
            }
          }
          await deriveAll(23);
          expect(await eventsOf(crooked)).toEqual(wanted);
          expect(wanted).toHaveLength(stories.reduce((sum, { ends }) => sum + ends.length, 0));
          expect((await store.counts()).breaks).toBe(before + 2 * wanted.length);
        }),
        // Shrinking would take longer than the time limit.
        { numRuns: Number(process.env.RUNS ?? 6), endOnFailure: true },
      );
    },
    process.env.RUNS ? 3_600_000 : 90_000,
  );
});
