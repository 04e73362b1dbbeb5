import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkPushUrl } from '../../../src/css/push-url/check-push-url.ts';

const KEY = 'e12c46f2612d5106e2034781ab261ca3';
const OTHER_KEY = 'somestring';
const AT = Date.UTC(2026, 6, 1);
/** Expires a day later. */
const SECONDS = AT / 1000 + 86_400;
const HEX = SECONDS.toString(16).toUpperCase();
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

function check(url: string, keys = [{ domain: '*', key: KEY }]) {
  return checkPushUrl(url, { keys, at: AT });
}

const query = (stream: string, txTime = HEX) =>
  `txSecret=${md5(KEY + stream + txTime)}&txTime=${txTime}`;

describe('push URLs that people published', () => {
  it.each([
    ['with a bizid', `rtmp://8888.livepush.myqcloud.com/live/8888_t?bizid=8888&${query('8888_t')}`],
    ['lower-case txTime', `rtmp://push.example.com/live/t?${query('t', SECONDS.toString(16))}`],
    ['WebRTC', `webrtc://push.example.com/live/k?${query('k')}`],
    [
      'SRT',
      `srt://6721.livepush.myqcloud.com:9000?streamid=#!::h=6721.livepush.myqcloud.com,r=live/k,${query('k').replace('&', ',')}`,
    ],
  ])('accepts one %s', (_name, url) => {
    expect(check(url)).toMatchObject({ verdict: 'accepted', refusals: [], warnings: [] });
  });

  it.each([
    [
      'a second "?"',
      `rtmp://push.example.com/live/1??${query('1')}`,
      '18/502',
      'txSecret is missing, because "?" appears twice: the text from the second "?" on belongs to another parameter.',
    ],
    [
      'a later second "?"',
      `rtmp://push.example.com/live/1?from=app?${query('1')}`,
      '18/502',
      'txSecret is missing, because "?" appears twice: the text from the second "?" on belongs to another parameter.',
    ],
    [
      'the misspelling of the documents',
      `rtmp://push.example.com/live/k?${query('k').replace('txSecret', 'txSercet')}`,
      '18/502',
      'txSecret is missing; "txSercet" is misspelled.',
    ],
    [
      'a playback domain',
      `rtmp://8888.liveplay.myqcloud.com/live/8888_k?${query('8888_k')}`,
      '18/301',
      '8888.liveplay.myqcloud.com is a playback domain of Tencent Cloud. A domain is either for push or for playback; use the push domain. CSS may report 18/302 instead.',
    ],
    [
      'a Chinese StreamName',
      `rtmp://push.example.com/live/直播间1?${query('直播间1')}`,
      '18/308',
      'StreamName contains "直".',
    ],
  ])('refuses one with %s', (_name, url, code, problem) => {
    expect(check(url).refusals).toEqual([{ code, problem }]);
  });

  it('names the parameter that is misspelled', () => {
    const url = `rtmp://push.example.com/live/k?${query('k').replace('txTime', 'txTim')}`;
    expect(check(url).refusals[0]).toEqual({
      code: '18/500',
      problem: 'txTime is missing; "txTim" is misspelled.',
    });
  });

  it('refuses one without parameters', () => {
    const { refusals } = check('rtmp://push.example.com/live/stream0');
    expect(refusals.map(({ code }) => code)).toEqual(['18/500', '18/502']);
  });

  it('warns of an expiry that is years ahead, because milliseconds were added to seconds', () => {
    const url = `rtmp://push.example.com/live/k?${query('k', (SECONDS + 86_400_000).toString(16))}`;
    expect(check(url)).toMatchObject({ verdict: 'accepted', warnings: [{ id: 'long-validity' }] });
  });

  it('masks the secret under the misspelled name', () => {
    const url = `rtmp://push.example.com/live/k&${query('k').replace('txSecret', 'txSercet')}`;
    expect(JSON.stringify(check(url))).not.toContain(md5(`${KEY}k${HEX}`));
  });

  it('does not claim to know a symbol that a document of CSS uses in a StreamName', () => {
    const url = `rtmp://push.example.com/live/3891_@v_tls#3p?${query('3891_@v_tls#3p')}`;
    const { verdict, warnings } = check(url);
    expect(verdict).toBe('accepted');
    expect(warnings).toEqual([
      {
        id: 'unusual-character',
        text: expect.stringContaining('contains "@", "#". The documents allow letters'),
      },
    ]);
  });
});

describe('ports', () => {
  const srt = (port: string) =>
    `srt://push.example.com${port}?streamid=#!::h=push.example.com,r=live/k,${query('k').replace('&', ',')}`;

  it.each([
    [srt(':10080'), 'SRT pushes need port 9000; the URL has 10080.'],
    [srt(''), 'SRT pushes need port 9000; the URL has no port.'],
    [
      `rtmp://push.example.com:9000/live/k?${query('k')}`,
      'The documents name only port 1935 for RTMP and 3570 for RTMP over SRT; the URL has 9000. Port 9000 is for srt:// URLs.',
    ],
    [
      `webrtc://push.example.com:1935/live/k?${query('k')}`,
      'Port 1935 is for rtmp, not for webrtc.',
    ],
  ])('warns of a wrong one: %s', (url, text) => {
    expect(check(url)).toMatchObject({
      verdict: 'accepted',
      warnings: [{ id: 'wrong-port', text }],
    });
  });

  it.each([':1935', '', ':3570'])('has no warning for RTMP at "%s"', (port) => {
    expect(check(`rtmp://push.example.com${port}/live/k?${query('k')}`).warnings).toEqual([]);
  });
});

describe('streamid', () => {
  it.each([
    `#!::h=push.example.com,r=live/k&${query('k')}`,
    `#!::h=push.example.com&r=live/k&${query('k')}`,
    encodeURIComponent(`#!::h=push.example.com,r=live/k&${query('k')}`),
  ])('says that "&" does not separate its parts: %s', (id) => {
    expect(() => check(`srt://push.example.com:9000?streamid=${id}`)).toThrow(
      /streamid has "&" between its parts; separate them with commas/,
    );
  });
});

describe('WHIP', () => {
  const endpoint = 'https://webrtcpush.tlivewebrtcpush.com/webrtc/v2/whip';
  const token = `webrtc://push.example.com/live/k?${query('k')}`;

  it('says that the push URL is the bearer token', () => {
    expect(() => check(endpoint)).toThrow(
      /endpoint of WHIP.*webrtc:\/\/ text that the encoder sends as bearer token/,
    );
  });

  it.each([
    `${endpoint}\n${token}`,
    `Bearer ${token}`,
    `Authorization: Bearer ${token}`,
    `${endpoint}?token=${encodeURIComponent(token)}`,
  ])('checks the bearer token: %s', (text) => {
    expect(check(text)).toMatchObject({
      verdict: 'accepted',
      protocol: 'webrtc',
      domain: 'push.example.com',
      stream: 'k',
    });
  });

  it('does not take other web addresses for WHIP', () => {
    expect(() => check(`https://example.com/live/k?${query('k')}`)).toThrow(/https/);
  });
});

describe('how a wrong txSecret was made', () => {
  const url = (secret: string, txTime = HEX, stream = '8888_t') =>
    `rtmp://push.example.com/live/${stream}?bizid=8888&txSecret=${secret}&txTime=${txTime}`;
  const keys = [
    { domain: 'push.example.com', key: KEY },
    { domain: 'other.example.com', key: OTHER_KEY },
  ];
  const S = '8888_t';
  const lower = HEX.toLowerCase();

  it.each([
    ['with txTime in lower case', url(md5(KEY + S + lower))],
    ['with txTime in upper case', url(md5(KEY + S + HEX), lower)],
    ['with txTime in decimal', url(md5(KEY + S + SECONDS))],
    ['with txTime in hexadecimal', url(md5(KEY + S + lower), String(SECONDS))],
    ['from StreamName + key + txTime', url(md5(S + KEY + HEX))],
    ['from key + txTime + StreamName', url(md5(KEY + HEX + S))],
    ['from txTime + StreamName + key', url(md5(HEX + S + KEY))],
    ['with AppName ("live/8888_t")', url(md5(`${KEY}live/${S}${HEX}`))],
    ['without the prefix "8888_"', url(md5(`${KEY}t${HEX}`))],
    ['the prefix "8888_" is missing in the URL', url(md5(KEY + S + HEX), HEX, 't')],
    ['with the StreamName in lower case', url(md5(`${KEY}abc${HEX}`), HEX, 'Abc')],
    [
      'with SHA1 instead of MD5 or SHA256',
      url(
        createHash('sha1')
          .update(KEY + S + HEX)
          .digest('hex'),
      ),
    ],
    [
      'with SHA256 cut to 32 characters',
      url(
        createHash('sha256')
          .update(KEY + S + HEX)
          .digest('hex')
          .slice(0, 32),
      ),
    ],
    [
      'with HMAC-SHA256 instead of SHA256',
      url(
        createHmac('sha256', KEY)
          .update(S + HEX)
          .digest('hex'),
      ),
    ],
    ['without the key', url(md5(S + HEX))],
    ['without StreamName', url(md5(KEY + HEX))],
    ['with a line break after the key', url(md5(`${KEY}\n${S}${HEX}`))],
    ['with the key of other.example.com', url(md5(OTHER_KEY + S + HEX))],
    [
      'without the prefix "8888_" of the StreamName, and with txTime in lower case',
      url(md5(`${KEY}t${lower}`).toUpperCase()),
    ],
  ])('%s', (mistake, text) => {
    const { refusals } = check(text, keys);
    expect(refusals).toEqual([{ code: '18/503', problem: expect.stringContaining(mistake) }]);
    expect(refusals[0]?.problem).not.toContain(KEY);
    expect(refusals[0]?.problem).not.toContain(OTHER_KEY);
  });

  it('says nothing when no mistake explains it', () => {
    expect(check(url(md5('random')), keys).refusals).toEqual([
      {
        code: '18/503',
        problem:
          'txSecret does not match the configured key for exactly this StreamName and txTime.',
      },
    ]);
  });
});
