import { describe, expect, it } from 'vitest';
import { matchReason } from '../../src/reasons/match-reason.ts';
import { normalizeText } from '../../src/reasons/normalize-text.ts';
import { outcomeOf } from '../../src/reasons/outcome-of.ts';
import { REASON_TEXTS, type ReasonText, UNRECOGNIZED } from '../../src/reasons/reason-catalogue.ts';
import { createFindSimilar, type FindSimilar } from '../../src/reasons/similar-text.ts';
import newWordings from '../fixtures/new-wordings.json' with { type: 'json' };
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
    expect(taken / (taken + result.none)).toBeGreaterThan(0.8);
  });

  it('finds the reason of most wordings that no document has yet, and never another one', () => {
    expect(newWordings.length).toBeGreaterThanOrEqual(320);
    const found = newWordings.map((row) => ({
      ...row,
      found: matchReason({ text: row.text }).reason,
    }));
    const wrong = found.filter(({ reason, found }) => found !== reason && found !== UNRECOGNIZED);
    expect(wrong).toEqual([]);
    const right = found.filter(({ reason, found }) => found === reason);
    expect(right.length / found.length).toBeGreaterThan(0.7);
  });

  it('takes none of the sentences that say something else for a reason', () => {
    expect(sentences.near.length).toBeGreaterThanOrEqual(540);
    expect(sentences.near.length + sentences.other.length).toBeGreaterThanOrEqual(880);
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
    ['The push domain has been closed.', 'domain_disabled'],
    ['Your CSS services are suspended because of overdue payments.', 'arrears'],
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

  /** How similar two texts are, 0 to 1; 0 also when they are not similar enough. */
  const similarity = (known: string, text: string) =>
    createFindSimilar([{ reason: 'known', text: known }])(text)?.score ?? 0;

  it.each([
    ['endings of words', 'encoder scrambled frames', 'Encoder scrambling frame'],
    ['endings that a synonym has', 'encoder disabled twice', 'encoder closed twice'],
    ['synonyms without their last e', 'encoder disabled twice', 'encoder closing twice'],
    ['a possessive', 'encoder of broadcaster scrambled', 'broadcaster’s encoder scrambled'],
    ['an e at the end', 'encoder produce frames', 'encoder producing frames'],
    ['numbers', 'encoder scrambled frames', 'encoder 12 scrambled 345 frames'],
    [
      'words without a meaning of their own',
      'encoder scrambled frames',
      'the encoder has scrambled your frames',
    ],
    ['spaces between Korean words', '푸시 클라이언트 오류', '푸시클라이언트오류'],
  ])('takes for the same: %s', (_what, known, text) => {
    expect(similarity(known, text)).toBeCloseTo(1, 10);
  });

  it.each([
    ['short words', 'encoder scrambled keys', 'encoder scrambled key'],
    ['words with a double s', 'encoder scrambled less', 'encoder scrambled les'],
    ['short words before an ending', 'encoder scrambled rings', 'encoder scrambled r'],
    ['numbers within words', 'encoder scrambled h264', 'encoder scrambled h265'],
    ['the middle of words', 'encoder scrambled edition', 'encoder scrambled ition'],
    ['the order of characters', '推流链路异常', '流推链路常异'],
  ])('does not take for the same: %s', (_what, known, text) => {
    expect(similarity(known, text)).toBeLessThan(0.9);
  });

  it('needs two words or pairs of characters in common', () => {
    expect(similarity('encoder', 'encoder')).toBe(0);
    expect(similarity('encoder frames', 'encoder frames')).toBeCloseTo(1, 10);
  });

  it('takes a text of the longest length, and none that is longer', () => {
    const text = 'encoder scrambled frames';
    expect(similarity(text, text.padEnd(240, '.'))).toBeCloseTo(1, 10);
    expect(similarity(text, text.padEnd(241, '.'))).toBe(0);
  });

  it('names the next reasons, the most similar first', () => {
    const find = createFindSimilar([
      { reason: 'third', text: 'alpha bravo gamma omega sigma elsewhere' },
      { reason: 'second', text: 'alpha bravo gamma omega sigma kappa daily' },
      { reason: 'first', text: 'alpha bravo gamma omega sigma kappa' },
    ]);
    const found = find('alpha bravo gamma omega sigma kappa');
    expect(found).toMatchObject({ reason: 'first', alternates: ['second', 'third'] });
    expect(found?.score).toBeCloseTo(1, 10);
  });

  it('names three other reasons at most', () => {
    const others = ['second', 'third', 'fourth', 'fifth'].map((reason) => ({
      reason,
      text: `alpha bravo gamma omega sigma kappa ${reason}`,
    }));
    const text = 'alpha bravo gamma omega sigma kappa';
    const find = createFindSimilar([...others, { reason: 'first', text }]);
    expect(find(text)).toMatchObject({
      reason: 'first',
      alternates: ['second', 'third', 'fourth'],
    });
  });

  it('names no reason as an alternate that is much less similar', () => {
    const find = createFindSimilar([
      { reason: 'far', text: 'encoder jumped often elsewhere' },
      { reason: 'near', text: 'encoder scrambled frames today quickly' },
    ]);
    expect(find('encoder scrambled frames today quickly')).toMatchObject({ alternates: [] });
  });

  it('takes none of two reasons that are alike', () => {
    const text = 'encoder scrambled frames today';
    const find = createFindSimilar([
      { reason: 'one', text: 'encoder scrambled frames today quickly' },
      { reason: 'other', text: 'encoder scrambled frames today slowly' },
    ]);
    expect(find(text)).toBeNull();
  });

  it('reads words that JavaScript gives objects for words', () => {
    expect(similarity('constructor scrambled frames', 'Constructor scrambled frames')).toBe(1);
    expect(similarity('constructor scrambled frames', 'valueOf scrambled frames')).toBeLessThan(1);
  });
});
