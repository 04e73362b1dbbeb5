import { beforeEach, describe, expect, it } from 'vitest';
import { MissedCallbacks } from '../../../src/engine/collect/missed-callbacks.ts';
import type { Outcome, Source } from '../../../src/model/vocabulary.ts';
import { NOON } from '../../helpers/arrived-end.ts';

const MINUTE = 60_000;
const POLLED = NOON + 10_000;

describe('MissedCallbacks', () => {
  let missed: MissedCallbacks;
  beforeEach(() => {
    missed = new MissedCallbacks(NOON - MINUTE);
  });

  const ended = (id: string, sources: Source[], outcome: Outcome = 'broken', endedAt = NOON) =>
    missed.changed({
      id,
      endedAt,
      outcome,
      sources: sources.map((source) => ({ source, key: `${source}-${id}`, receivedAt: POLLED })),
    });

  it('counts a polled break once its callback is overdue', () => {
    ended('a', ['api']);
    ended('b', ['api'], 'ended');
    expect(missed.count(POLLED + 2 * MINUTE - 1)).toBe(0);
    expect(missed.count(POLLED + 2 * MINUTE)).toBe(2);
  });

  it('does not count breaks with a callback, breaks without an expected one, or older ones', () => {
    ended('both', ['api', 'callback']);
    ended('callback', ['callback']);
    ended('file', ['file']);
    ended('refused', ['api'], 'refused');
    ended('before', ['api'], 'broken', NOON - MINUTE - 1);
    expect(missed.count(POLLED + 5 * MINUTE)).toBe(0);
  });

  it('stops counting a break whose callback arrives late, that is a refusal, or no longer exists', () => {
    ended('late', ['api']);
    ended('refused', ['api']);
    ended('gone', ['api']);
    ended('late', ['api', 'callback']);
    ended('refused', ['api'], 'refused');
    missed.removed('gone');
    expect(missed.count(POLLED + 5 * MINUTE)).toBe(0);
  });

  it('counts a callback that was looked up until the callback itself arrives', () => {
    ended('a', ['api']);
    missed.recovered(['callback-a'], NOON + 3 * MINUTE);
    ended('a', ['api', 'callback']);
    expect(missed.count(POLLED + 5 * MINUTE)).toBe(1);
    const later = new MissedCallbacks(NOON - MINUTE, missed.lookedUp);
    missed.callbackArrived('callback-a');
    expect(missed.count(POLLED + 5 * MINUTE)).toBe(0);

    missed = later;
    ended('a', ['api', 'callback']);
    expect(missed.count(POLLED + 5 * MINUTE)).toBe(1);
    missed.recovered(['callback-b'], NOON + 70 * MINUTE);
    expect(missed.lookedUp).toEqual([['callback-b', NOON + 70 * MINUTE]]);
  });

  it('counts breaks of the last hour only', () => {
    ended('a', ['api']);
    expect(missed.count(NOON + 60 * MINUTE - 1)).toBe(1);
    expect(missed.count(NOON + 60 * MINUTE)).toBe(0);
  });
});
