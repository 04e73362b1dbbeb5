import { describe, expect, it } from 'vitest';
import { deriveUrlMistake } from '../../../src/css/push-url/derive-url-mistake.ts';
import { derivePushParams } from '../../../src/css/push-url/push-url.ts';

const SECRET = 'f85a2ab363fe4deaffef9754d79da6fe';
const mistakeOf = (query: string | null, stream = 'test') =>
  deriveUrlMistake(query, stream).pushUrlMistake;

describe('deriveUrlMistake', () => {
  it.each([
    ['TXSECRET', `TXSECRET=${SECRET}&txTime=5C271099`],
    ['txtime', `txSecret=${SECRET}&txtime=5C271099`],
    ['txSercet', `txSercet=${SECRET}&txTime=5C271099`],
    ['tx_Time', `txSecret=${SECRET}&tx_Time=5C271099`],
    ['＆', `txSecret=${SECRET}＆txTime=5C271099`],
    ['＝', `txSecret＝${SECRET}&txTime=5C271099`],
    ['&amp;', `txSecret=${SECRET}&amp;txTime=5C271099`],
    ['\\u0026', `txSecret=${SECRET}\\u0026txTime=5C271099`],
    ['%26', `txSecret=${SECRET}%26txTime%3D5C271099`],
    ['%3D', `txSecret%3D${SECRET}`],
    ['txTime=', `txSecret=${SECRET}&txTime=`],
    ['txTime=0x', `txSecret=${SECRET}&txTime=0x5C271099`],
  ])('finds %s in %s', (written, query) => {
    expect(deriveUrlMistake(query, 'test')).toEqual({
      pushUrlMisread: true,
      pushUrlMistake: written,
    });
  });

  it.each([
    '',
    'bizid=8888',
    `txSecret=${SECRET}&txTime=5C271099`,
    `?txSecret=${SECRET}&txTime=5C271099`,
    `txTime=5C271099&txSecret=${SECRET}&time=1&secret=2&tag=a%26b`,
    `txSecret=${SECRET}`,
  ])('finds nothing in %s', (query) => {
    expect(deriveUrlMistake(query, 'test')).toEqual({});
  });

  it('finds the query in a StreamName behind a full-width question mark', () => {
    expect(mistakeOf(null, `test？txSecret=${SECRET}`)).toBe('？');
    expect(mistakeOf(null, '现场？')).toBeUndefined();
    expect(mistakeOf(null)).toBeUndefined();
  });

  it('never holds a value', () => {
    for (const query of [`${SECRET}=txSecret`, `txSecret${SECRET}=`, `tx${SECRET.slice(0, 9)}=1`]) {
      expect(JSON.stringify(deriveUrlMistake(query, 'test'))).not.toContain(SECRET.slice(0, 9));
    }
  });

  it('comes with the other facts of a push URL, and an empty txTime is not unreadable', () => {
    const push = { domain: 'push.example.com', stream: 'test', startedAt: null, endedAt: null };
    expect(derivePushParams('txSecret=&txTime=', push, [])).toMatchObject({
      pushUrlMistake: 'txSecret=',
      txTimePresent: true,
    });
    expect(derivePushParams('txSecret=&txTime=', push, [])).not.toHaveProperty('txTimeUnreadable');
    expect(derivePushParams('txTime=2026-12-01', push, []).txTimeUnreadable).toBe(true);
  });
});
