import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldBreaks } from '../../src/incidents/held-breaks.ts';
import { HeldPushes, keyOfPush } from '../../src/incidents/held-pushes.ts';
import { mergePushes } from '../../src/incidents/live-pushes.ts';
import { INCIDENT_OPTIONS } from '../../src/incidents/options.ts';
import { type AccountWalk, walkAccounts } from '../../src/incidents/walk-accounts.ts';
import { walkHeld } from '../../src/incidents/walk-held.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Push } from '../../src/model/push.ts';
import { at, cut, livePush, refused } from './story.ts';

/** Seconds from the start of the story; some are after the moment of the walk. */
const moment = fc.integer({ min: 0, max: 40 }).map((step) => step * 5);
const NOW = at(150);
const stream = fc.constantFrom('shop-1', 'shop-2', 'shop-3');

/** A break, by the number that its id is made from: a few numbers, so that breaks are replaced and deleted. */
interface Told {
  number: number;
  record: BreakRecord;
  isDeleted: boolean;
}

const told: fc.Arbitrary<Told> = fc
  .record({
    number: fc.integer({ min: 0, max: 11 }),
    stream,
    moment,
    isRefused: fc.boolean(),
    isDeleted: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
  })
  .map(({ number, stream, moment, isRefused, isDeleted }) => {
    const made = isRefused
      ? refused({ stream, at: moment })
      : cut({ stream, at: moment, since: moment - 60 });
    const record = { ...made, event: { ...made.event, id: `b${number}` } };
    return { number, record, isDeleted };
  });

const push: fc.Arbitrary<Push> = fc
  .record({ stream, moment, length: fc.integer({ min: 0, max: 20 }), isEcho: fc.boolean() })
  .map(({ stream, moment, length, isEcho }) => ({
    ...livePush(stream, moment),
    sequence: isEcho ? null : `s${moment}`,
    endedAt: length === 0 ? null : at(moment + length * 5),
  }));

/** The same whatever the order in which streams were walked through. */
function comparable({ chains, spans, ofStream }: AccountWalk) {
  const sorted = <T>(all: readonly T[]) => all.map((one) => JSON.stringify(one)).sort();
  return { chains: sorted(chains), spans: sorted(spans), ofStream: sorted([...ofStream]) };
}

describe('walkHeld', () => {
  it('finds what a walk through all breaks and pushes in any order finds', () => {
    fc.assert(
      fc.property(
        fc.array(told, { maxLength: 40 }),
        fc.array(push, { maxLength: 12 }),
        (all, own) => {
          const breaks = new HeldBreaks();
          const last = new Map<string, BreakRecord>();
          for (const { record, isDeleted } of all) {
            const { id } = record.event;
            if (isDeleted) {
              expect(breaks.delete(id)).toBe(last.delete(id));
            } else {
              breaks.set(record);
              last.set(id, record);
            }
          }
          const pushes = new HeldPushes();
          for (const one of own) {
            pushes.set(keyOfPush(one), one);
          }
          expect(new Set(breaks.all)).toEqual(new Set(last.values()));
          for (const known of [pushes, null]) {
            const held = walkHeld(
              { breaks, pushes: known, pasts: new Map() },
              NOW,
              INCIDENT_OPTIONS,
            );
            const whole = walkAccounts({
              records: [...last.values()].reverse(),
              pushes: known ? mergePushes([...known.all], NOW) : [],
              now: NOW,
              options: INCIDENT_OPTIONS,
            });
            const [only = { chains: [], spans: [], ofStream: new Map() }] = whole.values();
            expect(comparable(held)).toEqual(comparable(only));
          }
        },
      ),
    );
  });
});

describe('HeldBreaks', () => {
  it('keeps the breaks of a stream in order, and forgets a stream without breaks', () => {
    const breaks = new HeldBreaks();
    const [late, early, tried] = [
      cut({ stream: 'shop-1', at: 60, since: 0 }),
      cut({ stream: 'shop-1', at: 30, since: 0 }),
      refused({ stream: 'shop-1', at: 30 }),
    ];
    for (const record of [late, tried, early, late]) {
      breaks.set(record);
    }
    const [own] = breaks.streams.values();
    expect(own?.ends).toEqual([early, tried, late]);
    for (const { event } of [late, tried, early]) {
      expect(breaks.delete(event.id)).toBe(true);
    }
    expect([breaks.size, breaks.streams.size]).toEqual([0, 0]);
  });
});
