import { describe, expect, it } from 'vitest';
import { matchReason } from '../../src/reasons/match-reason.ts';
import { normalizeText } from '../../src/reasons/normalize-text.ts';
import { outcomeOf } from '../../src/reasons/outcome-of.ts';
import { REASON_TEXTS, type ReasonText, UNRECOGNIZED } from '../../src/reasons/reason-catalogue.ts';
import { createFindSimilar, type FindSimilar } from '../../src/reasons/similar-text.ts';
import sentences from '../fixtures/other-sentences.json' with { type: 'json' };

/** All texts that only one edition has, each with the texts of the other editions. */
function* leaveOneEditionOut(): Generator<{ row: ReasonText; others: readonly ReasonText[] }> {
  const editions = new Set(REASON_TEXTS.flatMap((row) => row.editions));
  for (const edition of editions) {
    const others = REASON_TEXTS.filter((row) => row.editions.some((id) => id !== edition));
    const known = new Set(others.map(({ text }) => normalizeText(text).text));
    for (const row of REASON_TEXTS) {
      if (row.editions.includes(edition) && !known.has(normalizeText(row.text).text)) {
        yield { row, others };
      }
    }
  }
}

describe('createFindSimilar', () => {
  it('finds the right reason for at least 95 % of the texts of a new edition that it recognizes', () => {
    const finders = new Map<readonly ReasonText[], FindSimilar>();
    const result = { right: 0, wrong: [] as string[], none: 0, indonesian: 0 };
    for (const { row, others } of leaveOneEditionOut()) {
      const find = finders.get(others) ?? createFindSimilar(others);
      finders.set(others, find);
      const similar = find(row.text);
      if (row.language === 'id') {
        // The only Indonesian edition: without it no wording is left to compare with.
        result.indonesian++;
      } else if (!similar) {
        result.none++;
      } else if (similar.reason === row.reason) {
        result.right++;
      } else {
        result.wrong.push(row.text);
      }
    }
    const taken = result.right + result.wrong.length;
    expect(taken + result.none).toBeGreaterThan(150);
    expect([result.right / taken >= 0.95, result.wrong]).toEqual([true, expect.any(Array)]);
    expect(result.indonesian).toBe(37);
    expect(taken / (taken + result.none)).toBeGreaterThan(0.7);
  });

  it('takes none of the sentences that say something else for a reason', () => {
    expect(sentences.near.length).toBeGreaterThanOrEqual(150);
    expect(sentences.near.length + sentences.other.length).toBeGreaterThanOrEqual(300);
    const taken = [...sentences.near, ...sentences.other]
      .map(({ text }) => ({ text, match: matchReason({ text }) }))
      .filter(({ match }) => match.by !== 'none');
    expect(taken.map(({ text, match }) => [text, match.reason])).toEqual([]);
  });

  it('does not take a wording that is turned around', () => {
    const turned = REASON_TEXTS.filter(({ language }) => language === 'en')
      .map(({ reason, text }) => ({
        reason,
        text: text.replace(/ (is|was|are|has|have) (?!not)/u, ' $1 not '),
        original: text,
      }))
      .filter(({ text, original }) => text !== original);
    expect(turned.length).toBeGreaterThan(40);
    for (const { text } of turned) {
      expect([text, matchReason({ text }).by]).toEqual([text, 'none']);
    }
  });

  it.each([
    ['The domain name of the push is disabled.', 'domain_disabled'],
    ['推流链路的网络异常', 'network'],
    ['プッシュ接続のネットワークが異常です。', 'network'],
  ])('recognizes a new wording: %s', (text, reason) => {
    expect(matchReason({ text })).toMatchObject({
      reason,
      by: 'text',
      ground: 'similar-text',
      code: null,
    });
  });

  it('does not let a similar text outrank a specific code, or belong to another code', () => {
    const text = '推流链路的网络异常';
    expect(matchReason({ errcode: 1, text })).toMatchObject({
      reason: 'client_closed',
      by: 'code',
    });
    expect(matchReason({ errcode: 18, text }).reason).toBe(UNRECOGNIZED);
    expect(matchReason({ errcode: 0, text })).toMatchObject({
      reason: 'network',
      ground: 'similar-text',
      code: { errcode: 0, subErrcode: null },
    });
  });

  it('never makes a normal stop of a text that only resembles one', () => {
    const text = '푸시 클라이언트에서 스트리밍을 자발적으로 중단했음';
    expect(outcomeOf(matchReason({ text }))).toBe('broken');
    expect(matchReason({ text }).reason).toBe('unrecognized');
  });

  it('takes no text that is much longer than those of the documents', () => {
    const find = createFindSimilar([{ reason: 'network', text: '推流链路网络异常' }]);
    expect(find('推流链路网络异常。')?.reason).toBe('network');
    expect(find('推流链路网络异常。'.repeat(40))).toBeNull();
  });
});
