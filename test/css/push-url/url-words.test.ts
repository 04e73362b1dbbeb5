import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkPushUrl } from '../../../src/css/push-url/check-push-url.ts';
import { LANGUAGES, type Language } from '../../../src/model/vocabulary.ts';

const KEY = 'e12c46f2612d5106e2034781ab261ca3';
const OTHER_KEY = 'somestring';
const AT = Date.UTC(2026, 6, 1);
const DAY_S = 86_400;
const hexAt = (seconds: number) => (AT / 1000 + seconds).toString(16).toUpperCase();
const HEX = hexAt(DAY_S);
const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const PUSH = 'rtmp://push.example.com';
const good = (stream = '8888_T', txTime = HEX) =>
  `txSecret=${md5(KEY + stream + txTime)}&txTime=${txTime}`;
const made = (text: string, stream = '8888_T') =>
  `${PUSH}/live/${stream}?bizid=8888&txSecret=${md5(text)}&txTime=${HEX}`;

/** A URL for each sentence, and for parts of the one about a wrong txSecret. */
const URLS: readonly string[] = [
  `${PUSH}/live/a?${good('a')}&txTime=1`,
  `${PUSH}/live/a`,
  `${PUSH}/live/a??${good('a')}`,
  `${PUSH}/live/a?${good('a').replace('txTime', 'TXTIME')}`,
  `${PUSH}/live/a?${good('a').replace('txTime', 'txTim')}`,
  `${PUSH}/live/a?${good('a').replace('&', '%26')}`,
  `${PUSH}/live/a?${good('a').replace('&', '&amp;')}`,
  `${PUSH}/live/a?${good('a').replace('&', '\\u0026')}`,
  `${PUSH}/live/a?${good('a', '1782950400000')}`,
  `${PUSH}/live/a?${good('a', 'tomorrow')}`,
  `${PUSH}/live/a?${good('a', hexAt(-249_981_473))}`,
  `${PUSH}/live/a?${good('a', hexAt(-60))}`,
  `${PUSH}/live/a?${good('a', hexAt(3_600))}`,
  `${PUSH}/live/a?${good('a', hexAt(90 * DAY_S))}`,
  `${PUSH}/live/a?txSecret=abc&txTime=${HEX}`,
  `${PUSH}/live/a?txSecret=${md5(`${KEY}a${HEX}`).toUpperCase()}&txTime=${HEX}`,
  `rtmp://third.example.com/live/a?${good('a')}`,
  made('random'),
  `rtmp://203.0.113.9/live/a?${good('a')}`,
  `rtmp://localhost/live/a?${good('a')}`,
  `srt://push.example.com:9000?streamid=#!::r=live/a,${good('a').replace('&', ',')}`,
  `rtmp://8888.liveplay.myqcloud.com/live/a?${good('a')}`,
  `srt://push.example.com?streamid=#!::h=push.example.com,r=live/a,${good('a').replace('&', ',')}`,
  `${PUSH}:9000/live/a?${good('a')}`,
  `webrtc://push.example.com:1935/live/a?${good('a')}`,
  `${PUSH}/live/a b?${good('a b')}`,
  `${PUSH}/live/a.b?${good('a.b')}`,
  ...[
    `${KEY}\n8888_T${HEX}`,
    `${KEY} 8888_T${HEX}`,
    `8888_T${HEX}`,
    `${OTHER_KEY}8888_T${HEX}`,
    `${KEY}8888_T${HEX.toLowerCase()}`,
    `${KEY}8888_T${Number.parseInt(HEX, 16)}`,
    `${KEY}8888_T0x${HEX}`,
    `${KEY}8888_T`,
    `${KEY}live/8888_T${HEX}`,
    `${KEY}T${HEX}`,
    `${KEY}8888_t${HEX}`,
    `8888_T${KEY}${HEX}`,
    `${KEY}${HEX}`,
    `${KEY}T${HEX.toLowerCase()}`,
  ].map((text) => made(text)),
  made(`${KEY}8888_a${HEX}`, 'a'),
];

function sentences(url: string, language: Language): string[] {
  const { refusals, warnings } = checkPushUrl(url, {
    keys: [
      { domain: 'push.example.com', key: KEY },
      { domain: 'other.example.com', key: OTHER_KEY },
    ],
    at: AT,
    sessionMs: url.includes(hexAt(DAY_S)) ? 2 * DAY_S * 1_000 : null,
    language,
  });
  return [...refusals.map(({ problem }) => problem), ...warnings.map(({ text }) => text)];
}

const SCRIPT = { zh: /\p{Script=Han}/u, ja: /[ぁ-んァ-ヶ]/u, ko: /\p{Script=Hangul}/u } as const;

describe.each(LANGUAGES)('what the check of a push URL says in %s', (language) => {
  it.each(URLS)('%s', (url) => {
    const written = sentences(url, language);
    expect(written).toHaveLength(sentences(url, 'en').length);
    expect(written.length).toBeGreaterThan(0);
    for (const [index, sentence] of written.entries()) {
      expect(sentence).not.toMatch(/undefined|null|\[object|masked|\*\*\*/);
      expect(sentence).not.toContain(KEY);
      expect(sentence).not.toContain(OTHER_KEY);
      if (language === 'en') {
        expect(sentence).not.toMatch(/[^\x20-\x7e直]/);
      } else {
        expect(sentence).toMatch(SCRIPT[language]);
        expect(sentence).not.toBe(sentences(url, 'en')[index]);
        // No English sentence is left inside.
        expect(sentence).not.toMatch(/\b(?:the|is|with|without|of|not)\b/);
      }
    }
  });
});

describe('the time since the expiry', () => {
  it.each([
    ['en', 'txTime expired 7 years 11 months before the push.'],
    ['zh', '推流时 txTime 已过期 7 年 11 个月。'],
    ['ja', 'txTime はプッシュの 7 年 11 か月前に期限切れになりました。'],
    ['ko', 'txTime이 푸시 7년 11개월 전에 만료되었습니다.'],
  ] as const)('is written for people in %s', (language, sentence) => {
    const url = `${PUSH}/live/a?${good('a', hexAt(-249_981_473))}`;
    expect(sentences(url, language)).toEqual([sentence]);
  });

  it('is never 0', () => {
    expect(sentences(`${PUSH}/live/a?${good('a', hexAt(0))}`, 'en')[0]).toBe(
      'txTime expired 0 s before the push.',
    );
  });
});
