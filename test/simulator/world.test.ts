import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/simulator/clock.ts';
import type { Push } from '../../src/simulator/push.ts';
import type { PushHostOptions } from '../../src/simulator/push-host.ts';
import { World } from '../../src/simulator/world.ts';

const begin = Date.parse('2026-05-01T00:00:00Z');

function stage(host: Partial<PushHostOptions> = {}) {
  const clock = new VirtualClock(begin);
  const world = new World({ clock, startsAt: begin, seed: 3, pushKey: 'key' });
  const notified: { type: 0 | 1; code: string; seconds: number; push: Push }[] = [];
  world.onPush((type, push) => {
    const code = type === 1 ? 'on' : `${push.code?.errcode}/${push.code?.subErrcode}`;
    notified.push({ type, code, seconds: (world.now - begin) / 1000, push });
  });
  world.run();
  const first = world.addHost({
    domain: 'push.example',
    stream: 's1',
    clientIp: '203.0.113.1',
    ...host,
  });
  first.start();
  return {
    clock,
    world,
    host: first,
    notified,
    seen: () => notified.map(({ code, seconds }) => [code, seconds]),
  };
}

describe('World', () => {
  it('breaks a push after 70 s of silence', () => {
    const { clock, host, notified, seen } = stage();
    clock.advance(30_000);
    host.cutNetwork(100_000, { errcode: 14, subErrcode: 0 });
    clock.advance(69_999);
    expect(seen()).toEqual([['on', 0]]);
    clock.advance(1);
    expect(seen()).toEqual([
      ['on', 0],
      ['14/0', 100],
    ]);
    expect(notified[1]?.push.silentFrom).toBe(begin + 30_000);
  });

  it('does not report an outage that ends within 70 s', () => {
    const { clock, host, seen } = stage();
    host.cutNetwork(69_000);
    clock.advance(600_000);
    expect(seen()).toEqual([['on', 0]]);
    expect(host.push?.silentFrom).toBeUndefined();
  });

  it('reconnects an OBS host with growing waits, 25 times', () => {
    const { clock, world, host, notified } = stage();
    clock.advance(10_000);
    host.urlExpiresAt = begin + 5000;
    world.end(host.push as Push, { errcode: 4, subErrcode: 0 });
    clock.advance(6 * 3_600_000);
    const refused = notified
      .filter(({ code }) => code === '18/501')
      .map(({ seconds }) => seconds - 10);
    expect(refused).toHaveLength(25);
    // 2 s, then each wait 1.5 times the last with up to 5 % of chance.
    expect(refused[0]).toBe(2);
    expect(refused[1]).toBeGreaterThanOrEqual(5);
    expect(refused[1]).toBeLessThanOrEqual(5.15);
    expect(refused[4]).toBeGreaterThanOrEqual(26.3);
    expect(refused[4]).toBeLessThan(28);
    expect((refused[24] as number) - (refused[23] as number)).toBe(900);
  });

  it('distinguishes recoveries and normal ends in its truth', () => {
    const { clock, world, host, notified } = stage();
    clock.advance(10_000);
    world.drop('push.example', 'live', 's1');
    clock.advance(10_000);
    host.stop();
    clock.advance(60_000);
    expect(notified.map(({ code }) => code)).toEqual(['on', '21/100', 'on', '1/0']);
    const [dropped, ended] = world.finished;
    expect(dropped).toMatchObject({ outcome: 'broken', recoveredAt: begin + 12_000 });
    expect(ended).toMatchObject({ outcome: 'ended' });
  });

  it.each([
    ['no-expiry', '18/500'],
    ['no-secret', '18/502'],
    ['wrong-secret', '18/503'],
  ] as const)('refuses a push URL with %s as %s', (urlFault, code) => {
    const { seen } = stage({ urlFault, reconnect: 'none' });
    expect(seen()).toEqual([[code, 0]]);
  });

  it('refuses by account, domain, ban, address, count and second push', () => {
    const { world, notified, host } = stage({ reconnect: 'none' });
    const attempt = (options: Partial<PushHostOptions> = {}) => {
      world
        .addHost({
          domain: 'push.example',
          stream: 's2',
          clientIp: '203.0.113.2',
          reconnect: 'none',
          ...options,
        })
        .start();
      return notified.at(-1)?.code;
    };
    for (const [state, code] of [
      ['arrears', '18/202'],
      ['stopped', '18/201'],
      ['forbidden', '18/203'],
    ] as const) {
      world.account = state;
      expect(attempt()).toBe(code);
    }
    world.account = 'normal';
    world.disabledDomains.add('off.example');
    expect(attempt({ domain: 'off.example' })).toBe('18/303');
    world.blockedIps.add('203.0.113.66');
    expect(attempt({ clientIp: '203.0.113.66' })).toBe('18/400');
    world.maxLivePushes = 1;
    expect(attempt()).toBe('18/600');
    world.maxLivePushes = 9;
    world.sameName = 'refuse';
    expect(attempt({ stream: 's1' })).toBe('18/601');
    world.forbid('s1', world.now + 1000);
    expect(notified.at(-1)?.code).toBe('21/101');
    host.start();
    expect(notified.at(-1)?.code).toBe('18/305');
  });

  it('lets a second encoder replace a push, with another code if it is silent', () => {
    const { clock, world, host, notified } = stage({ reconnect: 'none' });
    const second = world.addHost({
      domain: 'push.example',
      stream: 's1',
      clientIp: '203.0.113.3',
      reconnect: 'none',
    });
    second.start();
    expect(notified.map(({ code }) => code)).toEqual(['on', '21/102', 'on']);
    second.freeze();
    clock.advance(5000);
    host.start();
    expect(notified.map(({ code }) => code).slice(3)).toEqual(['21/103', 'on']);
  });
});
