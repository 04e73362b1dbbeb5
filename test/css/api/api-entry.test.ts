import { describe, expect, it } from 'vitest';
import { apiEntry, onlineEntries } from '../../../src/css/api/api-entry.ts';
import { parseCssTime } from '../../../src/css/css-time.ts';
import { readArrival } from '../../../src/css/read-arrival.ts';

const NOW = Date.UTC(2019, 0, 7, 12, 5);

/** The sample record of the API documents. */
const SAMPLE = {
  AppName: 'live',
  ClientIp: '180.163.8.244',
  DomainName: 'yourdomain.test.com',
  Duration: 0,
  Resolution: '640*352',
  StopReason: '客户端主动断流',
  StreamEndTime: '2019-01-04T11:59:58Z',
  StreamName: 'stream',
  StreamStartTime: '2019-01-04T11:59:58Z',
};

describe('apiEntry', () => {
  it('reads the end of a push', () => {
    const entry = apiEntry('shop', SAMPLE, NOW);
    const at = Date.UTC(2019, 0, 4, 11, 59, 58);
    expect(readArrival(entry)).toEqual({
      kind: 'end',
      event: {
        account: 'shop',
        domain: 'yourdomain.test.com',
        app: 'live',
        stream: 'stream',
        startedAt: at,
        endedAt: at,
        durationMs: 0,
        code: null,
        bypassCode: null,
        reasonText: '客户端主动断流',
        clientIp: '180.163.8.244',
        node: null,
        resolution: '640*352',
        sequence: null,
        setId: null,
        sourceKey: { source: 'api', key: entry.key, receivedAt: NOW },
        derived: {},
      },
    });
  });

  it('computes a missing duration from the times, and reads - as no address', () => {
    const { Duration: _duration, ...info } = SAMPLE;
    const entry = apiEntry(
      'shop',
      { ...info, ClientIp: '-', Resolution: '', StreamEndTime: '2019-01-04T12:00:08Z' },
      NOW,
    );
    expect(readArrival(entry)).toMatchObject({
      event: { durationMs: 10_000, clientIp: null, resolution: null },
    });
  });

  it('has the same key for a record whatever the language of its reason', () => {
    const key = apiEntry('shop', SAMPLE, NOW).key;
    for (const StopReason of ['客户端主动断流(3)', 'The push client stopped the stream.']) {
      expect(apiEntry('shop', { ...SAMPLE, StopReason }, NOW + 1).key).toBe(key);
    }
    for (const change of [
      { StopReason: '推流链路网络异常' },
      { StreamName: 'other' },
      { AppName: 'other' },
      { DomainName: 'other' },
      { StreamStartTime: '2019-01-04T11:59:57Z' },
      { StreamEndTime: '2019-01-04T11:59:59Z' },
    ]) {
      expect(apiEntry('shop', { ...SAMPLE, ...change }, NOW).key).not.toBe(key);
    }
  });

  it('masks the push URL parameters in an old record', () => {
    const Url = 'rtmp://yourdomain.test.com/live/stream?txSecret=0123456789abcdef&txTime=5C271099';
    const entry = apiEntry('shop', { ...SAMPLE, Url } as typeof SAMPLE, NOW);
    expect(entry.body.Url).toBe(
      'rtmp://yourdomain.test.com/live/stream?txSecret=***&txTime=5C271099',
    );
  });

  it.each([
    [{ StreamName: '' }, 'StreamName'],
    [{ StreamEndTime: undefined }, 'StreamEndTime'],
    [{ StreamEndTime: '2019-01-04 11:59:58' }, 'StreamEndTime'],
  ])('rejects %j with the field', (change, field) => {
    expect(() => apiEntry('shop', { ...SAMPLE, ...change }, NOW)).toThrow(field);
  });

  it('skips a stored record that cannot be read, and does not throw', () => {
    const entry = apiEntry('shop', SAMPLE, NOW);
    const broken = { ...entry, body: { ...entry.body, Duration: 'long' } };
    expect(readArrival(broken)).toMatchObject({
      kind: 'other',
      problem: expect.stringContaining('Duration'),
    });
  });
});

describe('onlineEntries', () => {
  it('reads the start of each push of a stream', () => {
    const publishedAt = [NOW - 5_000, NOW];
    const online = { domain: 'd.example.com', app: 'live', stream: 's', publishedAt };
    const entries = onlineEntries('shop', online, NOW);
    expect(new Set(entries.map((entry) => entry.key)).size).toBe(2);
    expect(entries.map(readArrival)).toEqual(
      publishedAt.map((startedAt) => ({
        kind: 'start',
        node: null,
        push: {
          account: 'shop',
          domain: 'd.example.com',
          app: 'live',
          stream: 's',
          startedAt,
          endedAt: null,
          sequence: null,
        },
        derived: {},
      })),
    );
  });
});

describe('parseCssTime', () => {
  it.each([
    ['2019-01-07T12:00:00Z', Date.UTC(2019, 0, 7, 12)],
    ['2019-01-07T20:00:00+08:00', Date.UTC(2019, 0, 7, 12)],
    ['2019-01-07 20:00:00', null],
    ['2019-13-07T20:00:00Z', null],
    ['', null],
    [5, null],
  ])('reads %s as %s', (text, time) => {
    expect(parseCssTime(text)).toBe(time);
  });
});
