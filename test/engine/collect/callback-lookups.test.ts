import { beforeEach, describe, expect, it } from 'vitest';
import {
  type CallbackLookup,
  CallbackLookups,
} from '../../../src/engine/collect/missed-callbacks.ts';
import type { Outcome, Source } from '../../../src/model/vocabulary.ts';
import { NOON } from '../../helpers/arrived-end.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const POLLED = NOON + 10_000;
const DUE = POLLED + 2 * MINUTE;

describe('CallbackLookups', () => {
  let lookups: CallbackLookups;
  beforeEach(() => {
    lookups = new CallbackLookups(NOON - 20 * DAY);
  });

  const change = (
    id: string,
    {
      stream = id,
      endedAt = NOON,
      sources = ['api'] as Source[],
      outcome = 'broken' as Outcome,
    } = {},
  ) =>
    lookups.changed({
      id,
      stream,
      endedAt,
      outcome,
      sources: sources.map((source) => ({ source, key: `${source}-${id}`, receivedAt: POLLED })),
    });

  it('looks up a callback once it is overdue', () => {
    change('a');
    expect(lookups.next(DUE - 1)).toBeUndefined();
    expect(lookups.next(DUE)).toEqual({
      stream: 'a',
      from: NOON - MINUTE,
      to: NOON + MINUTE,
      ids: ['a'],
    });
  });

  it('makes one request for all breaks of a stream within a day, the newest first', () => {
    change('old', { stream: 'shop', endedAt: NOON - DAY + 3 * MINUTE });
    change('older', { stream: 'shop', endedAt: NOON - DAY });
    change('new', { stream: 'shop' });
    change('other', { endedAt: NOON - MINUTE });
    const first = lookups.next(DUE) as CallbackLookup;
    expect(first.ids).toEqual(['old', 'new']);
    expect(first.to - first.from).toBeLessThanOrEqual(DAY);
    lookups.answered(first, DUE);
    expect(lookups.next(DUE)?.ids).toEqual(['other']);
    lookups.answered(lookups.next(DUE) as CallbackLookup, DUE);
    expect(lookups.next(DUE)?.ids).toEqual(['older']);
  });

  it('repeats a lookup without a result twice, and then gives up', () => {
    change('a');
    const minutes: number[] = [];
    for (let at = DUE; at < DUE + 5 * 60 * MINUTE; at += MINUTE) {
      const lookup = lookups.next(at);
      if (lookup) {
        minutes.push((at - DUE) / MINUTE);
        lookups.answered(lookup, at);
      }
    }
    expect(minutes).toEqual([0, 10, 70]);
    expect(lookups).toMatchObject({ size: 0, notFound: 1 });
  });

  it('looks up no break that has a callback, no longer exists, or is too old', () => {
    change('reported');
    change('reported', { sources: ['api', 'callback'] });
    change('callback', { sources: ['callback'] });
    change('gone');
    lookups.removed('gone');
    change('before', { endedAt: NOON - 20 * DAY - 1 });
    expect(lookups.size).toBe(0);
    change('old', { endedAt: NOON - 14 * DAY });
    expect(lookups.next(DUE)).toBeUndefined();
    expect(lookups.size).toBe(0);
  });

  it('looks up refusals once a callback has reported one', () => {
    change('polled', { outcome: 'refused' });
    expect(lookups.size).toBe(0);
    change('by-callback', { outcome: 'refused', sources: ['callback'] });
    change('polled', { outcome: 'refused' });
    expect(lookups.next(DUE)?.ids).toEqual(['polled']);
  });
});
