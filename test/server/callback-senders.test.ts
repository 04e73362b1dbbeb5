import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { parseSenders } from '../../src/server/callback-senders.ts';
import { startTestServer } from '../helpers/running-server.ts';

describe('parseSenders', () => {
  const senders = parseSenders(['203.0.113.0/24', '198.51.100.7', '2001:db8::/32', 'fe80::1']);

  it.each([
    ['203.0.113.9', true],
    ['::ffff:203.0.113.9', true],
    ['203.0.114.9', false],
    ['198.51.100.7', true],
    ['198.51.100.8', false],
    ['2001:db8:1::5', true],
    ['2001:db9::5', false],
    ['fe80::1%eth0', true],
    ['', false],
    ['unknown', false],
    ['203.0.113.9, 10.0.0.1', false],
  ])('allows %s: %s', (address, wanted) => {
    expect(senders.has(address)).toBe(wanted);
  });

  it.each([
    '203.0.113.0/33',
    '2001:db8::/129',
    '10.0.0',
    'host.example.com',
    '10.0.0.0/',
    '10.0.0.0/8/8',
  ])('rejects %s with its name', (entry) => {
    expect(() => parseSenders([entry])).toThrow(JSON.stringify(entry));
  });
});

describe('callbackFrom', () => {
  const body = JSON.stringify({ sign: 'right', sequence: '1' });

  async function post(senders: string[], trustProxy: string[] | undefined, forwarded?: string) {
    const running = await startTestServer({
      callbackFrom: new Map([['default', parseSenders(senders)]]),
      ...(trustProxy ? { trustProxy } : {}),
    });
    try {
      const status = await new Promise<number>((resolve, reject) => {
        const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
        const options = { method: 'POST', headers };
        request(`${running.url}/callbacks/css/default`, options, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
          .on('error', reject)
          .end(body);
      });
      const refused = await running.metric(
        'breakwatch_callback_refusals_total{account="default",code="CALLBACK_FROM_ELSEWHERE"}',
      );
      expect(refused).toBe(status === 403 ? 1 : 0);
      expect(running.log.join('\n').includes('CALLBACK_FROM_ELSEWHERE')).toBe(status === 403);
      return status;
    } finally {
      await running.stop();
    }
  }

  it('accepts callbacks only from configured addresses', async () => {
    expect(await post(['127.0.0.0/8'], undefined)).toBe(200);
    expect(await post(['203.0.113.0/24'], undefined)).toBe(403);
  });

  it('ignores X-Forwarded-For of a client that is not a configured proxy', async () => {
    expect(await post(['203.0.113.0/24'], undefined, '203.0.113.9')).toBe(403);
    expect(await post(['203.0.113.0/24'], ['10.0.0.5'], '203.0.113.9')).toBe(403);
  });

  it('reads the client from the right end of what a configured proxy wrote', async () => {
    const proxies = ['127.0.0.1', '10.0.0.5'];
    expect(await post(['203.0.113.0/24'], proxies, '203.0.113.9')).toBe(200);
    expect(await post(['203.0.113.0/24'], proxies, '203.0.113.9, 10.0.0.5')).toBe(200);
    // The caller wrote the first of these, the proxy the second.
    expect(await post(['203.0.113.0/24'], proxies, '203.0.113.9, 192.0.2.1')).toBe(403);
    expect(await post(['203.0.113.0/24'], proxies, '203.0.113.9, rubbish')).toBe(403);
    expect(await post(['203.0.113.0/24'], proxies)).toBe(403);
  });
});
