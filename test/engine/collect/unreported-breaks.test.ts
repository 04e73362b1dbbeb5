import { beforeEach, describe, expect, it } from 'vitest';
import {
  UnreportedBreaks,
  type UnreportedQuestion,
} from '../../../src/engine/collect/missed-callbacks.ts';
import type { Outcome, Source } from '../../../src/model/vocabulary.ts';
import { NOON } from '../../helpers/arrived-end.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const POLLED = NOON + 10_000;
const DUE = POLLED + 2 * MINUTE;

describe('UntoldBreaks', () => {
  let untold: UnreportedBreaks;
  beforeEach(() => {
    untold = new UnreportedBreaks(NOON - 20 * DAY);
  });

  const seen = (
    id: string,
    {
      stream = id,
      endedAt = NOON,
      sources = ['api'] as Source[],
      outcome = 'broken' as Outcome,
    } = {},
  ) =>
    untold.changed({
      id,
      stream,
      endedAt,
      outcome,
      sources: sources.map((source) => ({ source, key: `${source}-${id}`, receivedAt: POLLED })),
    });

  it('asks once the callback is overdue, and not before', () => {
    seen('a');
    expect(untold.next(DUE - 1)).toBeUndefined();
    expect(untold.next(DUE)).toEqual({
      stream: 'a',
      from: NOON - MINUTE,
      to: NOON + MINUTE,
      ids: ['a'],
    });
  });

  it('asks once for all breaks of a stream within a day, the newest first', () => {
    seen('old', { stream: 'shop', endedAt: NOON - DAY + 3 * MINUTE });
    seen('older', { stream: 'shop', endedAt: NOON - DAY });
    seen('new', { stream: 'shop' });
    seen('other', { endedAt: NOON - MINUTE });
    const first = untold.next(DUE) as UnreportedQuestion;
    expect(first.ids).toEqual(['old', 'new']);
    expect(first.to - first.from).toBeLessThanOrEqual(DAY);
    untold.asked(first, DUE);
    expect(untold.next(DUE)?.ids).toEqual(['other']);
    untold.asked(untold.next(DUE) as UnreportedQuestion, DUE);
    expect(untold.next(DUE)?.ids).toEqual(['older']);
  });

  it('asks again later for what was not found, and then gives up', () => {
    seen('a');
    const asked: number[] = [];
    for (let at = DUE; at < DUE + 5 * 60 * MINUTE; at += MINUTE) {
      const question = untold.next(at);
      if (question) {
        asked.push((at - DUE) / MINUTE);
        untold.asked(question, at);
      }
    }
    expect(asked).toEqual([0, 10, 70]);
    expect(untold).toMatchObject({ size: 0, givenUp: 1 });
  });

  it('asks for nothing that was told, is no more, or is too old', () => {
    seen('told');
    seen('told', { sources: ['api', 'callback'] });
    seen('callback', { sources: ['callback'] });
    seen('gone');
    untold.removed('gone');
    seen('before', { endedAt: NOON - 20 * DAY - 1 });
    expect(untold.size).toBe(0);
    seen('old', { endedAt: NOON - 14 * DAY });
    expect(untold.next(DUE)).toBeUndefined();
    expect(untold.size).toBe(0);
  });

  it('asks for refusals once a callback has told of one', () => {
    seen('silent', { outcome: 'refused' });
    expect(untold.size).toBe(0);
    seen('spoken', { outcome: 'refused', sources: ['callback'] });
    seen('silent', { outcome: 'refused' });
    expect(untold.next(DUE)?.ids).toEqual(['silent']);
  });
});
