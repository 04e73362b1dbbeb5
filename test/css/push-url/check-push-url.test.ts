import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPushUrl } from '../../../src/css/push-url/check-push-url.ts';
import { parsePushUrl } from '../../../src/css/push-url/parse-push-url.ts';
import { computeTxSecret } from '../../../src/css/push-url/push-url.ts';
import { signPushUrl } from '../../../src/css/push-url/sign-push-url.ts';
import { BreakwatchError } from '../../../src/model/errors.ts';
import { LANGUAGES } from '../../../src/model/vocabulary.ts';
import { lookUp } from '../../../src/reasons/lookup-code.ts';

const KEY = 'e12c46f2612d5106e2034781ab261ca3';
const SECRET = 'f85a2ab363fe4deaffef9754d79da6fe';
const KEYS = [{ domain: 'livepush.tcloud.com', key: KEY }];
/** 0x5C271099, the expiry of the documents' sample. */
const EXPIRY = 1_546_064_025_000;
const DAY = 86_400_000;
const NOW = EXPIRY - DAY;
const GOOD = `rtmp://livepush.tcloud.com/live/test?txSecret=${SECRET}&txTime=5C271099`;

const SRT = `srt://livepush.tcloud.com:9000?streamid=#!::h=livepush.tcloud.com,r=live/test,txSecret=${SECRET},txTime=5C271099`;

function check(url: string, at = NOW, sessionMs: number | null = null) {
  return checkPushUrl(url, { keys: KEYS, at, sessionMs });
}

function codes(url: string, at = NOW): string[] {
  return check(url, at).refusals.map(({ code }) => code);
}

describe('checkPushUrl', () => {
  it.each([
    GOOD,
    GOOD.replace('rtmp', 'webrtc'),
    GOOD.replace('.com/', '.com:1935/'),
    GOOD.replace('.com/', '.com:3570/'),
    `srt://livepush.tcloud.com:9000?streamid=#!::h=livepush.tcloud.com,r=live/test,txSecret=${SECRET},txTime=5C271099`,
    `srt://livepush.tcloud.com:9000?streamid=${encodeURIComponent(`#!::h=livepush.tcloud.com,r=live/test,txSecret=${SECRET},txTime=5C271099`)}&latency=200`,
    `  ${GOOD}&from=interactive\n`,
  ])('accepts %s, which expires in a day', (url) => {
    expect(check(url)).toMatchObject({
      verdict: 'accepted',
      refusals: [],
      warnings: [],
      domain: 'livepush.tcloud.com',
      app: 'live',
      stream: 'test',
      expiresAt: EXPIRY,
      validSeconds: 86_400,
      secretMatches: 'yes',
    });
  });

  it.each([
    `"${GOOD}" `,
    `“${GOOD}”`,
    `<${GOOD}>`,
    GOOD.replace('/test', '/\ntest'),
    `Server: ${GOOD.replace('/test', '/\nStream Key: test')}`,
    `服务器：${GOOD.replace('/test', '\r\n串流密钥：test')}`,
  ])('reads a URL as it was copied: %s', (url) => {
    expect(check(url)).toMatchObject({ verdict: 'accepted', stream: 'test', secretMatches: 'yes' });
  });

  it.each([
    ['full-width', GOOD.replace('?', '？')],
    ['full-width', GOOD.replace('&', '＆')],
    ['full-width', GOOD.replace('txTime=', 'txTime＝')],
  ])('names a %s sign that separates nothing: %s', (word, url) => {
    const problems = check(url).refusals.map(({ problem }) => problem);
    expect(problems.join(' ')).toContain(word);
    for (const language of ['zh', 'ja', 'ko'] as const) {
      const { refusals } = checkPushUrl(url, { keys: KEYS, at: NOW, language });
      expect(refusals.map(({ problem }) => problem).join(' ')).toMatch(/全角|전각/);
    }
  });

  it('warns of a txTime with the prefix 0x, whose meaning no document gives', () => {
    const txSecret = computeTxSecret(KEY, 'test', '0x5C271099');
    const url = GOOD.replace(SECRET, txSecret).replace('txTime=', 'txTime=0x');
    expect(check(url)).toMatchObject({
      verdict: 'accepted',
      warnings: [{ id: 'txtime-prefix' }],
    });
    expect(check(GOOD).warnings).toEqual([]);
  });

  it.each([
    ['with a line break after txTime', computeTxSecret(KEY, 'test', '5C271099\n'), GOOD],
    ['for the StreamName "test"', SECRET, GOOD.replace('/test', '/a/test')],
    ['for the StreamName "test"', SECRET, GOOD.replace('/test?', '/test/?')],
  ])('says that a txSecret was made %s', (words, txSecret, url) => {
    const { refusals } = check(url.replace(SECRET, txSecret));
    expect(refusals).toEqual([{ code: '18/503', problem: expect.stringContaining(words) }]);
  });

  it.each([
    ['m=request', SRT.replace(',tx', ',m=request,tx')],
    ['m=request', SRT.replace(',tx', ',m=Request,tx')],
    ['65535', GOOD.replace('.com/', '.com:99999/')],
    ['65535', GOOD.replace('.com/', '.com:0/')],
    ['txSecret', GOOD.replace('://', '://user:word@')],
    ['WHIP', 'https://livepush.tcloud.com/webrtc/v1/pushstream'],
    ['#!::h=', SRT.replace('#!::h=livepush.tcloud.com,r=', '')],
  ])('says in each language why a text is no push URL (%s): %s', (words, url) => {
    const said = LANGUAGES.map((language) => {
      try {
        checkPushUrl(url, { keys: KEYS, at: NOW, language });
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'BAD_PUSH_URL' });
        return (thrown as Error).message;
      }
      return '';
    });
    expect(said.filter((message) => !message.includes(words))).toEqual([]);
    expect(new Set(said).size).toBe(LANGUAGES.length);
    expect(said.join()).not.toContain('user:word');
  });

  it('takes the other mode of SRT for a push', () => {
    expect(check(SRT.replace(',tx', ',m=publish,tx')).verdict).toBe('accepted');
  });

  it.each([
    ['18/300', GOOD.replace('livepush.tcloud.com', '203.0.113.9')],
    ['18/300', GOOD.replace('livepush.tcloud.com', '[2001:db8::1]')],
    ['18/301', GOOD.replace('livepush.tcloud.com', 'localhost')],
    [
      '18/301',
      `srt://livepush.tcloud.com:9000?streamid=#!::r=live/test,txSecret=${SECRET},txTime=5C271099`,
    ],
    ['18/308', GOOD.replace('/test', '/te st')],
    ['18/308', GOOD.replace('/test', '/直播')],
    ['18/308', GOOD.replace('/test', '/te%20st')],
    ['18/309', GOOD.replace('/live/', '/li"ve/')],
    ['18/500', GOOD.replace('&txTime=5C271099', '')],
    ['18/500', GOOD.replace('&txTime=5C271099', '&txTime=')],
    ['18/500', GOOD.replace('txTime', 'TxTime')],
    ['18/500', GOOD.replace('&txTime', '%26txTime')],
    ['18/501', GOOD.replace('5C271099', '1546064025000')],
    ['18/501', GOOD.replace('5C271099', 'tomorrow')],
    ['18/502', GOOD.replace(`txSecret=${SECRET}&`, '')],
    ['18/502', GOOD.replace('txSecret', 'tx_secret')],
    ['18/503', GOOD.replace('5C271099', '5c271099')],
    ['18/503', GOOD.replace('/test?', '/test2?')],
    ['18/503', GOOD.replace(SECRET, SECRET.slice(1))],
  ])('%s: %s', (code, url) => {
    expect(codes(url)).toContain(code);
    expect(check(url).verdict).toBe('refused');
    expect(lookUp(code)).toHaveLength(1);
  });

  it.each(['&amp;', '\\u0026'])('says that %s was meant as &', (written) => {
    const { refusals } = check(GOOD.replace('&', written));
    // Not 18/503 as well: txSecret may be right, so nobody should sign anew.
    expect(refusals).toEqual([
      {
        code: '18/500',
        problem: `txTime is missing; "&" was written as "${written}", which CSS does not undo.`,
      },
    ]);
  });

  it('tells a misspelled name from one in the wrong case', () => {
    const problems = (url: string) => check(url).refusals.map(({ problem }) => problem);
    expect(problems(GOOD.replace('txSecret', 'tx_secret'))).toEqual([
      'txSecret is missing; "tx_secret" is misspelled.',
    ]);
    expect(problems(GOOD.replace('txSecret', 'TXSECRET'))[0]).toContain('upper and lower case');
  });

  it('refuses from the second of the expiry on, and warns about the minutes after it', () => {
    expect(codes(GOOD, EXPIRY - 1)).toEqual([]);
    expect(codes(GOOD, EXPIRY)).toEqual(['18/501']);
    expect(check(GOOD, EXPIRY + 60_000).warnings.map(({ id }) => id)).toEqual([
      'maybe-in-grace-period',
    ]);
    expect(check(GOOD, EXPIRY + DAY)).toMatchObject({ validSeconds: -86_400, warnings: [] });
  });

  it('warns about problems that break a push later', () => {
    const ids = (at: number, session: number | null = null) =>
      check(GOOD, at, session).warnings.map(({ id }) => id);
    expect(ids(EXPIRY - DAY / 2)).toEqual([]);
    expect(ids(EXPIRY - DAY / 2 + 1)).toEqual(['expires-soon']);
    expect(ids(NOW, 2 * DAY)).toEqual(['shorter-than-session']);
    expect(ids(EXPIRY - 32 * DAY)).toEqual(['long-validity']);
    const dotted = signPushUrl({
      domain: 'a.example.com',
      app: 'live',
      stream: 'a.b',
      key: KEY,
      expiresAt: EXPIRY,
    });
    expect(
      checkPushUrl(dotted.rtmp, { keys: [{ domain: '*', key: KEY }], at: NOW }).warnings,
    ).toMatchObject([{ id: 'unusual-character' }]);
  });

  it('does not accept a secret that cannot be checked', () => {
    expect(checkPushUrl(GOOD, { keys: [], at: NOW })).toMatchObject({
      verdict: 'unchecked',
      secretMatches: 'keyUnknown',
      warnings: [{ id: 'key-unknown' }],
    });
  });

  it('accepts SHA256', () => {
    const long = computeTxSecret(KEY, 'test', '5C271099', 'sha256');
    expect(long).toHaveLength(64);
    expect(check(GOOD.replace(SECRET, long)).verdict).toBe('accepted');
    expect(codes(GOOD.replace(SECRET, `${long.slice(1)}0`))).toEqual(['18/503']);
  });

  it.each([
    '',
    'test',
    'http://a.example.com/live/test',
    'rtmp://a.example.com/live',
    'rtmp:///live/test',
    'srt://a.example.com:9000?streamid=live',
    'srt://a.example.com?streamid=%E0%A4%A',
  ])('rejects %s, which is not a push URL', (url) => {
    expect(() => check(url)).toThrow(expect.objectContaining({ code: 'BAD_PUSH_URL' }));
  });

  it('does not crash on any input, and never repeats a secret', () => {
    const piece = fc.constantFrom(
      'rtmp://',
      'srt://',
      'webrtc:',
      '//',
      '/',
      '?',
      '&',
      ',',
      '=',
      '#!::',
      '%26',
      '%3D',
      '%2526',
      ' ',
      'h=',
      'r=',
      'live',
      'test',
      'push.example.com',
      ':9000',
      'streamid=',
      'txTime=',
      'txtime',
      '5C271099',
      'txSecret=',
      'txSecret%3D',
      'TXSECRET=',
      'tx_secret=',
      '\u0000',
      '直',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), fc.nat(25), (pieces, place) => {
        const at = Math.min(place, pieces.length);
        const url = [...pieces.slice(0, at), 'txSecret=', SECRET, ...pieces.slice(at)].join('');
        for (const whole of [url, `rtmp://push.example.com/live/test${url}`]) {
          try {
            expect(JSON.stringify(check(whole))).not.toContain(SECRET);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(BreakwatchError);
            expect((thrown as BreakwatchError).message).not.toContain(SECRET);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('signPushUrl', () => {
  it('signs the documented sample', () => {
    const urls = signPushUrl({
      domain: 'livepush.tcloud.com',
      app: 'live',
      stream: 'test',
      key: KEY,
      expiresAt: EXPIRY,
    });
    expect(urls.rtmp).toBe(GOOD);
    expect(urls.srt).toBe(
      `srt://livepush.tcloud.com:9000?streamid=#!::h=livepush.tcloud.com,r=live/test,txSecret=${SECRET},txTime=5C271099`,
    );
  });

  it('signs URLs that the check accepts, for any name and protocol', () => {
    const name = fc.stringMatching(/^[\w-]{1,40}$/);
    fc.assert(
      fc.property(
        name,
        name,
        fc.constantFrom('md5' as const, 'sha256' as const),
        (app, stream, hash) => {
          const urls = signPushUrl({
            domain: 'livepush.tcloud.com',
            app,
            stream,
            key: KEY,
            expiresAt: EXPIRY,
            hash,
          });
          for (const [url, protocol] of [
            [urls.rtmp, 'rtmp'],
            [urls.webrtc, 'webrtc'],
            [urls.srt, 'srt'],
            [urls.rtmpOverSrt, 'rtmp-over-srt'],
          ] as const) {
            expect(check(url)).toMatchObject({ verdict: 'accepted', app, stream, protocol });
            expect(parsePushUrl(url).domain).toBe('livepush.tcloud.com');
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
