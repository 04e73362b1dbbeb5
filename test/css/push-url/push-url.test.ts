import { describe, expect, it } from 'vitest';
import {
  computeTxSecret,
  derivePushParams,
  parsePushParams,
  parseTxTime,
} from '../../../src/css/push-url/push-url.ts';

const KEY = 'e12c46f2612d5106e2034781ab261ca3';
const SECRET = 'f85a2ab363fe4deaffef9754d79da6fe';
const PUSH = { domain: 'push.example.com', stream: 'test', startedAt: 0, endedAt: null };
const KEYS = [{ domain: 'PUSH.example.com', key: KEY }];

describe('txSecret', () => {
  it('is computed as documented', () => {
    expect(computeTxSecret(KEY, 'test', '5C271099')).toBe(SECRET);
    expect(computeTxSecret('somestring', 'test', '5c2acacc')).toBe(
      'b77e812107e1d8b8f247885a46e1bd34',
    );
  });

  it.each([
    [`txSecret=${SECRET}&txTime=5C271099`, 'yes'],
    [`txSecret=${SECRET.toUpperCase()}&txTime=5C271099`, 'yes'],
    [`txSecret=${SECRET}&txTime=5C271098`, 'no'],
    [`txSecret=${computeTxSecret(KEY, 'test', '5C271099', 'sha256')}&txTime=5C271099`, 'yes'],
    [`txSecret=&txTime=5C271099`, 'no'],
    [`txSecret=${SECRET}`, 'no'],
  ])('%s matches: %s', (param, matches) => {
    expect(derivePushParams(param, PUSH, KEYS).txSecretMatches).toBe(matches);
  });

  it('matches the backup key too, and is unknown without a key for the domain', () => {
    const param = `txSecret=${SECRET}&txTime=5C271099`;
    const two = [{ domain: PUSH.domain, key: 'another' }, ...KEYS];
    expect(derivePushParams(param, PUSH, two).txSecretMatches).toBe('yes');
    const other = [{ domain: 'other.example.com', key: KEY }];
    expect(derivePushParams(param, PUSH, other).txSecretMatches).toBe('keyUnknown');
    const any = [{ domain: '*', key: KEY }];
    expect(derivePushParams(param, PUSH, any).txSecretMatches).toBe('yes');
    expect(derivePushParams('txTime=5C271099', PUSH, KEYS)).not.toHaveProperty('txSecretMatches');
  });
});

describe('parsePushParams', () => {
  it.each([
    `txSecret=abc&txTime=5C271099`,
    `?from=x&txTime=5C271099&txSecret=abc`,
    `rtmp://push.example.com/live/test?txSecret=abc&txTime=5C271099`,
    `srt://push.example.com:9000?streamid=#!::h=push.example.com,r=live/test,txSecret=abc,txTime=5C271099`,
    `txSecret=abc&amp;txTime=5C271099`,
    `TXSECRET=abc&tx_time=5C271099`,
    `txSecret%3Dabc%26txTime%3D5C271099`,
    `txSecret%253Dabc%2526txTime%253D5C271099`,
  ])('finds txTime and txSecret in %s', (param) => {
    expect(parsePushParams(param)).toEqual({ txSecret: 'abc', txTime: '5C271099' });
  });

  it('reports missing parameters', () => {
    expect(parsePushParams('')).toEqual({ txSecret: null, txTime: null });
    expect(parsePushParams('txTime=&a')).toEqual({ txSecret: null, txTime: '' });
    expect(derivePushParams('from=interactive', PUSH, KEYS)).toEqual({
      txTimePresent: false,
      txSecretPresent: false,
    });
  });
});

describe('parseTxTime', () => {
  it.each([
    ['5C271099', 1_546_064_025_000],
    ['5c271099', 1_546_064_025_000],
    ['1546064025', 1_546_064_025_000],
    ['58271099', 0x58271099 * 1000],
    ['1546064025000', null],
    ['', null],
    ['tomorrow', null],
    ['0', null],
    ['-5C271099', null],
  ])('reads %s as %s', (text, time) => {
    expect(parseTxTime(text)).toBe(time);
  });

  it('reports an unreadable expiry as present but unknown', () => {
    expect(derivePushParams('txTime=tomorrow', PUSH, KEYS)).toEqual({
      txTimePresent: true,
      txTimeUnreadable: true,
      txSecretPresent: false,
    });
  });
});
