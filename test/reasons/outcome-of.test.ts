import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../src/reasons/outcome-of.ts';
import { ALL_REASONS } from '../../src/reasons/reason-catalogue.ts';

const coded = (reason: string, errcode: number, subErrcode: number | null = null) => ({
  reason,
  code: { errcode, subErrcode } as never,
});
const plain = (reason: string) => ({ reason, code: null });

describe('outcomeOf', () => {
  it('takes what CSS or remote authentication refuses for a push that never started', () => {
    expect(outcomeOf(coded('expiry_passed', 18, 501))).toBe('refused');
    expect(outcomeOf(coded('third_party_auth', 19))).toBe('refused');
    // Though its reason alone would be that of a break.
    expect(outcomeOf(coded('network', 18))).toBe('refused');
    expect(outcomeOf(coded('network', 12))).toBe('broken');
  });

  it('takes it for a break when the push had been live for a second', () => {
    const arrears = coded('arrears', 18, 202);
    expect(outcomeOf(arrears, 999)).toBe('refused');
    expect(outcomeOf(arrears, 1_000)).toBe('broken');
    expect(outcomeOf(arrears, 0)).toBe('refused');
    expect(outcomeOf(arrears, null)).toBe('refused');
  });

  it('takes a push that its client closed for ended, unless the connection just closed', () => {
    for (const errcode of [1, 2]) {
      expect(outcomeOf(coded('client_closed', errcode), 60_000)).toBe('ended');
    }
    for (const errcode of [3, 4]) {
      expect(outcomeOf(coded('client_closed', errcode))).toBe('broken');
    }
    expect(outcomeOf(plain('client_closed'))).toBe('ended');
    // Only that reason: the codes alone say nothing.
    expect(outcomeOf(coded('network', 1))).toBe('broken');
  });

  it('takes no text that only resembles that of a normal end for one', () => {
    const guess = { ground: 'similar-text' as const };
    expect(outcomeOf({ ...plain('client_closed'), ...guess })).toBe('broken');
    expect(outcomeOf({ ...plain('expiry_passed'), ...guess })).toBe('refused');
    expect(outcomeOf({ ...plain('network'), ...guess })).toBe('broken');
  });

  it('has an outcome for every reason of the catalogue', () => {
    const closed = ALL_REASONS.filter(({ id }) => id !== 'client_closed');
    expect(closed.length).toBeGreaterThan(30);
    for (const { id, outcome } of closed) {
      expect([id, outcomeOf(plain(id))]).toEqual([id, outcome]);
    }
  });

  it('has that of the bypass code, whatever the errcode is', () => {
    const bypass = ALL_REASONS.filter(({ kind }) => kind === 'bypass');
    expect(bypass.length).toBeGreaterThan(0);
    for (const { id, outcome } of bypass) {
      expect(outcomeOf(coded(id, 18))).toBe(outcome);
    }
  });

  it('takes a bypass code that nobody knows for a refusal, and other unknown reasons for a break', () => {
    expect(outcomeOf({ ...plain('unrecognized'), bypassCode: 4_711 })).toBe('refused');
    expect(outcomeOf({ ...plain('unrecognized'), bypassCode: null })).toBe('broken');
    expect(outcomeOf({ ...plain('network'), bypassCode: 4_711 })).toBe('broken');
    expect(outcomeOf(plain('unrecognized'))).toBe('broken');
    expect(outcomeOf(plain('not_in_the_catalogue'))).toBe('broken');
  });
});
