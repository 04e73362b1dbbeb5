import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiEntry } from '../../../src/css/api/api-entry.ts';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import { printCssTime } from '../../../src/css/css-time.ts';
import type { Diagnoser } from '../../../src/diagnosis/run/create-diagnoser.ts';
import type { BreakRecord, JournalEntry } from '../../../src/model/break.ts';
import { NOON } from '../../helpers/arrived-end.ts';
import { deriveJournal } from '../../helpers/derive-journal.ts';
import { loadShippedDiagnoser } from '../../helpers/shipped-diagnoser.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';

const DOMAIN = 'push.example.com';
const HOUR_S = 3_600;
let diagnoser: Diagnoser;
let temporary: TemporaryStore;
let accounts = 0;

beforeAll(async () => {
  diagnoser = await loadShippedDiagnoser();
  temporary = await openTemporaryStore();
});
afterAll(() => temporary?.remove());

/** One push, or an attempt that was refused; times in seconds. */
interface Attempt {
  wait: number;
  live: number;
  /** How long before the end of the attempt before it began, s: a second encoder that takes over. */
  overlap: number;
  /** Which of its messages arrive, and whether the callback has a duration; old ones have none. */
  begin: boolean;
  end: boolean;
  record: boolean;
  duration: boolean;
  errcode: number;
}

const ATTEMPT: fc.Arbitrary<Attempt> = fc.record({
  // Mostly seconds, sometimes hours, so that the busy part is within a day and older breaks are not.
  wait: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 40 }) },
    { weight: 2, arbitrary: fc.integer({ min: 60, max: 900 }) },
    { weight: 1, arbitrary: fc.integer({ min: HOUR_S, max: 9 * HOUR_S }) },
  ),
  live: fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 10, arbitrary: fc.integer({ min: 1, max: 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: HOUR_S, max: 5 * HOUR_S }) },
  ),
  overlap: fc.oneof(
    { weight: 12, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 90 }) },
    { weight: 1, arbitrary: fc.integer({ min: HOUR_S, max: 9 * HOUR_S }) },
  ),
  begin: fc.boolean(),
  end: fc.boolean(),
  record: fc.boolean(),
  duration: fc.boolean(),
  errcode: fc.constantFrom(1, 13, 18),
});

/**
 * The messages of a stream's attempts, in order of attempt.
 *
 * @param ahead - of the API's clock, s
 */
function messagesOf(
  attempts: readonly Attempt[],
  sources: 'callbacks' | 'both',
  ahead: number,
): JournalEntry[] {
  const messages: JournalEntry[] = [];
  let second = NOON / 1_000;
  const starts = new Set<number>();
  attempts.forEach((attempt, index) => {
    const { wait, live, begin, end, record, duration, errcode } = attempt;
    let from = second + wait - (sources === 'callbacks' ? attempt.overlap : 0);
    // Two pushes of one stream with one start are one push.
    while (starts.has(from)) {
      from += 1;
    }
    starts.add(from);
    const to = from + live;
    second = Math.max(second, to);
    const callback = (part: Record<string, unknown>, at: number) =>
      messages.push(
        callbackEntry(
          'default',
          parseCallback({
            app: DOMAIN,
            appname: 'live',
            stream_id: 'shop-17',
            event_time: at,
            sequence: `${index}`,
            ...part,
          }),
          at * 1_000 + 400,
          [],
        ),
      );
    if (begin && live > 0) {
      callback({ event_type: 1 }, from);
    }
    if (end || sources === 'callbacks') {
      callback(
        {
          event_type: 0,
          errcode: live === 0 ? 18 : errcode,
          ...(duration || sources === 'both'
            ? { push_duration: `${live * 1_000 + (live > 0 ? 137 : 0)}` }
            : {}),
        },
        to,
      );
    }
    if (record && sources === 'both' && live > 0) {
      const utc = (at: number) => printCssTime((at + ahead) * 1_000);
      const info = {
        DomainName: DOMAIN,
        AppName: 'live',
        StreamName: 'shop-17',
        StreamStartTime: utc(from),
        StreamEndTime: utc(to),
        StopReason: '',
        Duration: live,
        ClientIp: '-',
      };
      messages.push(apiEntry('default', info, to * 1_000 + 60_000));
    }
  });
  return messages;
}

const deriveAll = (batch: number) =>
  deriveJournal({ store: temporary.store, diagnoser, apiState: () => undefined }, batch);

async function breaksOf(account: string) {
  const key = { account, domain: DOMAIN, app: 'live', stream: 'shop-17' };
  const range = { from: 0, to: NOON + 1_000 * HOUR_S * 1_000 };
  const records = await temporary.store.breaksOfStream(key, range);
  const firstKey = ({ event }: BreakRecord) =>
    event.sources.map(({ key: of }) => of).sort()[0] ?? '';
  records.sort((a, b) => a.event.endedAt - b.event.endedAt || (firstKey(a) < firstKey(b) ? -1 : 1));
  const pushes = await temporary.store.pushesOfStream(key, range);
  return {
    breaks: records.map(({ event, verdict }) => ({
      at: event.endedAt - NOON,
      from: event.startedAt === null ? null : event.startedAt - NOON,
      recovered: event.recoveredAt === null ? null : event.recoveredAt - NOON,
      sources: event.sources.map(({ key: of }) => of).sort(),
      rule: verdict.rule.id,
      breaks: event.facts.breaksOfStream10m,
      ends: event.facts.endsOfStream10m,
      previous: event.facts.previousReason,
      since: event.facts.secondsSincePreviousBreak,
    })),
    pushes: pushes.map(({ startedAt, endedAt, sequence }) => [startedAt, endedAt, sequence]),
  };
}

/** A push of 20 s whose callbacks arrive. */
const CUT: Attempt = {
  wait: 10,
  live: 20,
  overlap: 0,
  begin: true,
  end: true,
  record: false,
  duration: true,
  errcode: 13,
};

describe('a stream that breaks again and again', () => {
  for (const sources of ['callbacks', 'both'] as const) {
    it(`has the same breaks in whatever batches its messages come, some late: ${sources}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(ATTEMPT, { minLength: 25, maxLength: 60 }),
          fc.array(fc.nat({ max: 30 }), { minLength: 180, maxLength: 180 }),
          fc.integer({ min: 1, max: 25 }),
          fc.integer({ min: -2, max: 2 }),
          async (attempts, delays, size, ahead) => {
            accounts += 1;
            const messages = messagesOf(attempts, sources, ahead);
            // Late by some messages, a few by many.
            const late = messages
              .map((message, index) => {
                const delay = delays[index % delays.length] as number;
                return { message, place: index + (delay > 26 ? delay - 20 : 0) };
              })
              .sort((a, b) => a.place - b.place)
              .map(({ message }) => message);
            const sent: [string, JournalEntry[], number][] = [
              [`once-${accounts}`, messages, 500],
              [`parts-${accounts}`, late, size],
            ];
            for (const [account, entries, limit] of sent) {
              for (let from = 0; from < entries.length; from += limit) {
                const part = entries.slice(from, from + limit);
                await temporary.store.append(part.map((entry) => ({ ...entry, account })));
                await deriveAll(limit);
              }
            }
            expect(await breaksOf(`parts-${accounts}`)).toEqual(await breaksOf(`once-${accounts}`));
          },
        ),
        { numRuns: 30, endOnFailure: true },
      );
    }, 120_000);
  }

  it('sees a refused try beside a push whose begin arrives last', async () => {
    accounts += 1;
    const account = `late-${accounts}`;
    const attempt = { ...CUT, duration: false };
    const attempts = [
      ...Array<Attempt>(20).fill(attempt),
      { ...attempt, live: 4 * HOUR_S },
      { ...attempt, live: 0, overlap: HOUR_S, errcode: 18 },
    ];
    const messages = messagesOf(attempts, 'callbacks', 0);
    const begin = messages.splice(-3, 1);
    for (const entry of [...messages, ...begin]) {
      await temporary.store.append([{ ...entry, account }]);
      await deriveAll(10);
    }
    const { breaks } = await breaksOf(account);
    const refused = breaks.find(({ at, from }) => at === from);
    expect(refused).toMatchObject({ recovered: refused?.at });
  });

  it('matches the report of the API with a break that ended before it by the other clock', async () => {
    accounts += 1;
    const account = `clocks-${accounts}`;
    const callbacks = messagesOf(Array<Attempt>(20).fill(CUT), 'both', 0);
    const started = NOON / 1_000 + 19 * 30 + 10;
    const utc = (at: number) => printCssTime(at * 1_000);
    const info = {
      DomainName: DOMAIN,
      AppName: 'live',
      StreamName: 'shop-17',
      StreamStartTime: utc(started),
      StreamEndTime: utc(started + 23),
      StopReason: '',
      Duration: 23,
      ClientIp: '-',
    };
    for (const entry of [...callbacks, apiEntry('default', info, (started + 90) * 1_000)]) {
      await temporary.store.append([{ ...entry, account }]);
      await deriveAll(10);
    }
    const { breaks } = await breaksOf(account);
    expect(breaks).toHaveLength(20);
    expect(breaks.at(-1)?.sources).toHaveLength(2);
  });
});
