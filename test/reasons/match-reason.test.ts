import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import textsFile from '../../rules/catalogues/reason-texts.json' with { type: 'json' };
import { printReasonCode } from '../../src/model/break.ts';
import { LANGUAGES } from '../../src/model/vocabulary.ts';
import { matchReason } from '../../src/reasons/match-reason.ts';
import { normalizeText } from '../../src/reasons/normalize-text.ts';
import { outcomeOf } from '../../src/reasons/outcome-of.ts';
import {
  ALL_REASONS,
  PINNED_TEXTS,
  REASON_TEXTS,
  reasonById,
  UNRECOGNIZED,
} from '../../src/reasons/reason-catalogue.ts';
import recordRows from '../fixtures/break-record-rows.json' with { type: 'json' };
import bypassRows from '../fixtures/bypass-code-rows.json' with { type: 'json' };
import fieldCases from '../fixtures/reason-text-cases.json' with { type: 'json' };

const cssReasons = ALL_REASONS.filter(
  (reason) => reason.kind === 'css' && reason.id !== UNRECOGNIZED,
);

/** The same words as other sources, keyboards and copy-and-paste would deliver them. */
const NOISE: [string, (text: string) => string][] = [
  ['as it is', (text) => text],
  ['without final sign', (text) => text.replace(/[。.]$/u, '')],
  ['with 。', (text) => `${text.replace(/[。.]$/u, '')}。`],
  ['with .', (text) => `${text.replace(/[。.]$/u, '')}.`],
  ['with a space before the final sign', (text) => `${text.replace(/[。.]$/u, '')} 。`],
  ['with (3)', (text) => `${text.replace(/ ?\(3\)$/, '')}(3)`],
  ['with full-width （3）', (text) => `${text.replace(/ ?\(3\)$/, '')}（3）`],
  ['with ( 3 ) and a sign', (text) => `${text.replace(/([。.]| ?\(3\))$/u, '')} ( 3 )。`],
  ['with doubled spaces', (text) => `  ${text.replaceAll(' ', '  ')}  `],
  ['with odd spaces', (text) => `\u00a0${text.replaceAll(' ', '\u3000\t')}\u200b`],
  ['without spaces', (text) => text.replaceAll(' ', '')],
  ['in capitals', (text) => text.toUpperCase()],
  ['with Korean letters taken apart', (text) => text.normalize('NFD')],
  [
    'in full-width letters',
    (text) => text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)),
  ],
];

describe('matchReason', () => {
  it.each(['ko', 'ja', 'zh'] as const)(
    'finds the one reason of every %s break record',
    (language) => {
      const rows = recordRows[language];
      expect(rows).toHaveLength({ ko: 43, ja: 43, zh: 37 }[language]);
      for (const row of rows) {
        const match = matchReason({ text: row.text });
        expect([row.row, row.text, match.reason, match.alternates]).toEqual([
          row.row,
          row.text,
          row.reason,
          [],
        ]);
        expect(match.by).toBe('text');
      }
    },
  );

  it.each(fieldCases)(
    'finds $reason for a text that people posted: $text',
    ({ text, reason, code }) => {
      const match = matchReason({ text });
      expect(match).toMatchObject({ reason, by: 'text' });
      if (code) {
        const [errcode, subErrcode] = code.split('/').map(Number);
        expect(reasonById(reason)?.codes).toContainEqual({
          errcode,
          subErrcode: subErrcode ?? null,
        });
      }
    },
  );

  it('knows the texts of every edition, with their sources', () => {
    expect(REASON_TEXTS.length).toBeGreaterThan(390);
    const editions = new Set(textsFile.editions.map(({ id }) => id));
    expect(editions.size).toBe(textsFile.editions.length);
    for (const { reason, text, editions: sources } of REASON_TEXTS) {
      const match = matchReason({ text });
      expect([text, [match.reason, ...match.alternates].includes(reason)]).toEqual([text, true]);
      expect(sources.length).toBeGreaterThan(0);
      expect(sources.filter((id) => !editions.has(id))).toEqual([]);
    }
  });

  it('uses a text of an older list when 21 has no sub code', () => {
    expect(matchReason({ errcode: 21, text: 'A new push URL replaced this one.' })).toMatchObject({
      reason: 'replaced',
      code: { errcode: 21, subErrcode: 102 },
    });
  });

  it('knows all 70 code rows of 39 reasons, and code 18 in general', () => {
    const specific = cssReasons.filter(({ coversSubCodes }) => !coversSubCodes);
    expect(specific).toHaveLength(39);
    expect(cssReasons).toHaveLength(40);
    const rows = specific.flatMap((reason) => reason.codes.map((code) => ({ reason, code })));
    expect(rows).toHaveLength(70);
    expect(new Set(rows.map(({ code }) => printReasonCode(code))).size).toBe(70);
    for (const { reason, code } of rows) {
      const match = matchReason(code);
      expect(match).toEqual({
        reason: reason.id,
        by: 'code',
        code,
        bypassCode: null,
        ground: reason.ambiguous ? 'ambiguous-code' : 'specific-code',
        alternates: [],
      });
    }
  });

  it.each(NOISE)('knows every text variant %s', (_name, disturb) => {
    for (const reason of cssReasons) {
      for (const language of [...LANGUAGES, 'id'] as const) {
        for (const text of reason.texts[language]) {
          const words = disturb(text);
          const match = matchReason({ text: words });
          const shared =
            reason.id === 'service_forced_stop' &&
            text === 'Your CSS services have been suspended.';
          expect([words, match.reason]).toEqual([words, shared ? 'service_stopped' : reason.id]);
        }
      }
    }
  });

  it('has one reason for each text, except for English 18/201 and 18/203', () => {
    const owners = new Map<string, Set<string>>();
    for (const reason of ALL_REASONS) {
      for (const words of Object.values(reason.texts).flat()) {
        const { text } = normalizeText(words);
        owners.set(text, (owners.get(text) ?? new Set()).add(reason.id));
      }
    }
    expect([...owners].filter(([, ids]) => ids.size > 1)).toEqual([
      ['yourcssserviceshavebeensuspended', new Set(['service_stopped', 'service_forced_stop'])],
    ]);
  });

  it('reports the other reason when two share a text', () => {
    expect(matchReason({ text: 'Your CSS services have been suspended.' })).toEqual({
      reason: 'service_stopped',
      by: 'text',
      code: null,
      bypassCode: null,
      ground: 'shared-text',
      alternates: ['service_forced_stop'],
    });
  });

  it('prefers a specific code when two reasons share a text', () => {
    const text = 'Your CSS services have been suspended.';
    expect(matchReason({ errcode: 18, subErrcode: 203, text })).toMatchObject({
      reason: 'service_forced_stop',
      ground: 'specific-code',
      alternates: [],
    });
    expect(matchReason({ errcode: 18, text })).toMatchObject({
      reason: 'service_stopped',
      ground: 'shared-text',
      code: { errcode: 18, subErrcode: null },
    });
  });

  it('finds the code of a text that has only one', () => {
    expect(matchReason({ text: '推流时间戳参数值已过期。' }).code).toEqual({
      errcode: 18,
      subErrcode: 501,
    });
    expect(matchReason({ text: '客户端主动断流（3）' })).toMatchObject({
      reason: 'client_closed',
      by: 'text',
      code: { errcode: 3, subErrcode: null },
      ground: 'ambiguous-code',
    });
    expect(matchReason({ text: 'recv() return error' })).toMatchObject({
      reason: 'client_closed',
      code: { errcode: 4, subErrcode: null },
    });
    expect(matchReason({ text: '推流客户端主动断流' }).code).toBeNull();
  });

  it.each(PINNED_TEXTS)('pins errcode $errcode for "$text"', ({ text, errcode }) => {
    expect(matchReason({ text }).code?.errcode).toBe(errcode);
  });

  it('ignores a number that does not fit the text', () => {
    expect(matchReason({ text: '推流时间戳参数值已过期(3)' })).toMatchObject({
      reason: 'expiry_passed',
      code: { errcode: 18, subErrcode: 501 },
    });
  });

  it('prefers a known text to an unspecific code', () => {
    expect(matchReason({ errcode: 0, text: '推流链路网络异常' }).reason).toBe('network');
    expect(matchReason({ errcode: 22, text: 'RTMP AMF error' }).reason).toBe('rtmp_amf');
    expect(matchReason({ errcode: 0, text: '客户端主动断流(4)' }).code).toEqual({
      errcode: 4,
      subErrcode: null,
    });
    expect(matchReason({ errcode: 0, text: 'ok' })).toMatchObject({
      reason: 'unknown',
      by: 'code',
    });
  });

  it('prefers a specific code to a text, and keeps the text as an alternate', () => {
    expect(matchReason({ errcode: 16, text: '直播系统内部错误' })).toMatchObject({
      reason: 'network',
      alternates: ['platform_internal'],
    });
    expect(matchReason({ errcode: 1, text: 'The push client actively stopped the push' })).toEqual({
      reason: 'client_closed',
      by: 'code',
      code: { errcode: 1, subErrcode: null },
      bypassCode: null,
      ground: 'ambiguous-code',
      alternates: [],
    });
  });

  it('reports a break when the code means a stop but the text means a break', () => {
    expect(matchReason({ errcode: 1, text: '推流链路网络异常' })).toMatchObject({
      reason: 'network',
      by: 'text',
      code: { errcode: 1, subErrcode: null },
      alternates: ['client_closed'],
    });
    expect(matchReason({ errcode: 3, text: 'Unknown reason.' }).reason).toBe('client_closed');
    expect(matchReason({ errcode: 4, text: '客户端主动断流' }).reason).toBe('client_closed');
  });

  it('uses the text when 18 or 21 have no sub code', () => {
    expect(matchReason({ errcode: 18, text: '校验鉴权参数不通过' })).toMatchObject({
      reason: 'auth_check_failed',
      code: { errcode: 18, subErrcode: 503 },
    });
    expect(matchReason({ errcode: 21, text: '收到新的推流链接顶替当前推流' })).toMatchObject({
      reason: 'replaced',
      code: { errcode: 21, subErrcode: 102 },
    });
    expect(matchReason({ errcode: 18, text: '直播系统内部错误' })).toMatchObject({
      reason: 'platform_internal',
      code: { errcode: 18, subErrcode: null },
    });
  });

  it('does not guess the reason of an unknown refusal', () => {
    for (const input of [
      { errcode: 18 },
      { errcode: 18, subErrcode: 0, text: 'ok' },
      { errcode: 18, subErrcode: 999 },
    ]) {
      const match = matchReason(input);
      expect(match).toMatchObject({ reason: UNRECOGNIZED, by: 'none', ground: 'unrecognized' });
      expect(outcomeOf(match)).toBe('refused');
    }
    expect(matchReason({ errcode: 19, text: 'push url maybe invalid' }).reason).toBe(
      'third_party_auth',
    );
    // Words of another errcode do not count, but they are not forgotten.
    expect(matchReason({ errcode: 18, text: '推流链路网络异常' })).toMatchObject({
      reason: UNRECOGNIZED,
      alternates: ['network'],
    });
  });

  it('reads the message of code 18 in general as failed authentication, and no more', () => {
    for (const input of [
      { errcode: 18, subErrcode: 0, text: 'push url maybe invalid' },
      { errcode: 18, text: 'Push authentication failed. Push rejected by the server' },
      { errcode: 0, text: 'push url maybe invalid' },
      { text: '推流鉴权失败，服务端禁止推流' },
    ]) {
      const match = matchReason(input);
      expect(match).toMatchObject({
        reason: 'push_auth_failed',
        code: { errcode: 18, subErrcode: null },
        ground: 'ambiguous-code',
      });
      expect(outcomeOf(match)).toBe('refused');
      const others = match.alternates.map((id) => reasonById(id)?.category);
      expect(others).toEqual(expect.arrayContaining(['auth', 'billing', 'config', 'operator']));
    }
    expect(
      matchReason({ errcode: 18, subErrcode: 501, text: 'push url maybe invalid' }).reason,
    ).toBe('expiry_passed');
    expect(
      matchReason({ errcode: 18, subErrcode: 999, text: 'push url maybe invalid' }).code,
    ).toEqual({ errcode: 18, subErrcode: 999 });
  });

  it('finds the cause of all 47 bypass codes, by code and by the text of the document', () => {
    expect(bypassRows).toHaveLength(47);
    for (const row of bypassRows) {
      const match = matchReason({ bypassCode: row.code });
      expect(match).toMatchObject({ by: 'bypassCode', bypassCode: row.code, alternates: [] });
      expect(reasonById(match.reason)).toMatchObject({ kind: 'bypass' });
      expect(match.ground).toBe('specific-code');
      expect(matchReason({ text: row.text })).toMatchObject({ reason: match.reason, by: 'text' });
    }
  });

  it.each([
    [6012, 'network', 'refused'],
    [20406, 'billing', 'refused'],
    [1001, 'auth', 'refused'],
    [40000412, 'client', 'ended'],
    [40000413, 'client', 'ended'],
    [40000415, 'client', 'ended'],
  ] as const)('puts bypass code %i under %s', (bypassCode, category, outcome) => {
    const match = matchReason({ bypassCode });
    expect(reasonById(match.reason)?.category).toBe(category);
    expect(outcomeOf(match)).toBe(outcome);
  });

  it('keeps an unknown bypass code as an unrecognized refusal', () => {
    const match = matchReason({ bypassCode: 40009999 });
    expect(match).toMatchObject({ reason: UNRECOGNIZED, bypassCode: 40009999 });
    expect(outcomeOf(match)).toBe('refused');
  });

  it('gives the same answer when it gets the code that it found', () => {
    const texts = ALL_REASONS.flatMap((reason) => Object.values(reason.texts).flat());
    const errcodes = [undefined, 0, 3, 12, 18, 21, 22, 99];
    for (const text of [...texts, ...PINNED_TEXTS.map((pin) => pin.text), 'new words (3)']) {
      for (const errcode of errcodes) {
        const first = matchReason({ errcode, text });
        const again = matchReason({ ...first.code, text, bypassCode: first.bypassCode });
        expect([text, errcode, again.reason, outcomeOf(again)]).toEqual([
          text,
          errcode,
          first.reason,
          outcomeOf(first),
        ]);
      }
    }
  });

  it('never throws, and never finds a reason for random text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        expect(matchReason({ text }).reason).toBe(UNRECOGNIZED);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes a known text with other characters in it at most as similar', () => {
    const texts = ALL_REASONS.flatMap((reason) => Object.values(reason.texts).flat());
    const known = new Set(texts.map((text) => normalizeText(text).text));
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.nat(200),
        fc.string({ minLength: 1, maxLength: 5 }),
        (text, at, extra) => {
          const cut = at % text.length;
          const words = text.slice(0, cut) + extra + text.slice(cut);
          fc.pre(!known.has(normalizeText(words).text));
          const { ground, reason, alternates } = matchReason({ text: words });
          if (ground === 'similar-text') {
            const owners = ALL_REASONS.filter((one) =>
              Object.values(one.texts).flat().includes(text),
            );
            expect([reason, ...alternates]).toEqual(
              expect.arrayContaining([expect.toBeOneOf(owners.map(({ id }) => id))]),
            );
          } else {
            expect(ground).toBe('unrecognized');
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('never throws, and returns only ids of the catalogue', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            errcode: fc.anything(),
            subErrcode: fc.anything(),
            text: fc.anything(),
            bypassCode: fc.anything(),
          },
          { requiredKeys: [] },
        ),
        (input) => {
          const match = matchReason(input as Parameters<typeof matchReason>[0]);
          expect(reasonById(match.reason)).toBeDefined();
          expect(['ended', 'broken', 'refused']).toContain(outcomeOf(match));
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('outcomeOf', () => {
  it.each([
    [{ errcode: 1 }, 'ended'],
    [{ errcode: 2 }, 'ended'],
    [{ errcode: 35 }, 'ended'],
    [{ text: '推流客户端主动断流' }, 'ended'],
    [{ errcode: 3 }, 'broken'],
    [{ errcode: 4 }, 'broken'],
    [{ text: 'recv() return error' }, 'broken'],
    [{ errcode: 12 }, 'broken'],
    [{ errcode: 0 }, 'broken'],
    [{ errcode: 5 }, 'broken'],
    [{ errcode: 18, subErrcode: 100 }, 'refused'],
    [{ errcode: 18, subErrcode: 501 }, 'refused'],
    [{ text: 'The push URL has expired.' }, 'refused'],
    [{ errcode: 19 }, 'refused'],
    [{ errcode: 21, subErrcode: 100 }, 'broken'],
    [{ errcode: 21, subErrcode: 101 }, 'broken'],
    [{ errcode: 21, subErrcode: 102 }, 'broken'],
    [{ errcode: 21, subErrcode: 103 }, 'broken'],
    [{ text: 'nobody knows these words' }, 'broken'],
    [{ errcode: 77 }, 'broken'],
  ] as const)('%j -> %s', (input, outcome) => {
    expect(outcomeOf(matchReason(input))).toBe(outcome);
  });

  it('treats a refusal of a push that was live as broken', () => {
    const arrears = matchReason({ errcode: 18, subErrcode: 202 });
    expect(outcomeOf(arrears, 3_600_000)).toBe('broken');
    expect(outcomeOf(arrears, 0)).toBe('refused');
    expect(outcomeOf(arrears, null)).toBe('refused');
    expect(outcomeOf(matchReason({ errcode: 1 }), 3_600_000)).toBe('ended');
  });
});
