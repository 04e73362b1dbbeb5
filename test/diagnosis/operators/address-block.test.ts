import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isInBlock,
  isMapped,
  parseAddress,
  parseBlock,
  printAddress,
} from '../../../src/diagnosis/operators/address-block.ts';
import { ownOperator } from '../../../src/diagnosis/operators/own-operators.ts';

const inCidr = ownOperator('inCidr')?.compare as (fact: unknown, value: unknown) => boolean;

/** Few different bytes, so that addresses are often in the block. */
const byte = fc.oneof(fc.constantFrom(0, 10, 127, 128, 255), fc.nat(255));
const short = fc.tuple(byte, byte, byte, byte);
const group = fc.oneof(fc.constantFrom(0, 1, 0x2001, 0xdb8, 0xffff), fc.nat(0xffff));
const long = fc.array(group, { minLength: 8, maxLength: 8 });

const asShort = (bytes: readonly number[]) => bytes.join('.');
const asLong = (groups: readonly number[]) => groups.map((one) => one.toString(16)).join(':');

/** Sets the bits behind the prefix to 0, with big numbers. */
function firstOf(parts: readonly number[], width: number, bits: number): number[] {
  const all = parts.length * width;
  const value = parts.reduce((sum, part) => (sum << BigInt(width)) | BigInt(part), 0n);
  const first = (value >> BigInt(all - bits)) << BigInt(all - bits);
  return parts.map((_part, index) =>
    Number((first >> BigInt(all - width * (index + 1))) & ((1n << BigInt(width)) - 1n)),
  );
}

describe('inCidr against BlockList of Node', () => {
  it('gives the same result for IPv4', () => {
    let inside = 0;
    fc.assert(
      fc.property(short, fc.nat(32), fc.array(short, { minLength: 5 }), (bytes, bits, others) => {
        const first = asShort(firstOf(bytes, 8, bits));
        const list = new BlockList();
        list.addSubnet(first, bits, 'ipv4');
        for (const other of [bytes, ...others]) {
          const expected = list.check(asShort(other), 'ipv4');
          inside += expected ? 1 : 0;
          expect(inCidr(asShort(other), `${first}/${bits}`)).toBe(expected);
          expect(inCidr(`::ffff:${asShort(other)}`, `${first}/${bits}`)).toBe(expected);
        }
      }),
      { numRuns: 4_000 },
    );
    expect(inside).toBeGreaterThan(4_000);
  });

  it('gives the same result for IPv6', () => {
    fc.assert(
      fc.property(long, fc.nat(128), fc.array(long, { minLength: 5 }), (groups, bits, others) => {
        const first = asLong(firstOf(groups, 16, bits));
        const list = new BlockList();
        list.addSubnet(first, bits, 'ipv6');
        for (const other of [groups, ...others]) {
          const expected = list.check(asLong(other), 'ipv6');
          expect(inCidr(asLong(other), `${first}/${bits}`)).toBe(expected);
        }
      }),
      { numRuns: 4_000 },
    );
  });
});

describe('parseAddress', () => {
  it.each([
    ['10.2.0.1', '::ffff:a02:1'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['2001:db8::8:800:200c:417a', '2001:DB8:0:0:8:800:200C:417A'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0:0:0:c000:221'],
  ])('reads %s and %s as the same address', (one, other) => {
    expect(parseAddress(one)).toEqual(parseAddress(other));
    expect(parseAddress(one)).toHaveLength(8);
  });

  it.each(['', '10.2', '10.2.0.256', '010.2.0.1', '10.2.0.1/32', 'fe80::1%eth0', '1::2::3', 'x'])(
    'refuses %j',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  it('reads what it prints', () => {
    fc.assert(
      fc.property(long, (groups) => {
        const isShort = isMapped(groups);
        expect(parseAddress(printAddress(groups, isShort))).toEqual(groups);
      }),
    );
    expect(printAddress([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], false)).toBe('2001:db8::1');
    expect(printAddress([0, 0, 0, 0, 0, 0, 0, 0], false)).toBe('::');
    expect(printAddress([0, 0, 0, 0, 0, 0xffff, 0x0a02, 1], true)).toBe('10.2.0.1');
  });
});

describe('parseBlock', () => {
  it.each([
    [
      '10.2.0.0',
      '"10.2.0.0" is not a block: it must be an address and the length of its prefix, such as 10.2.0.0/16 or 2001:db8::/32; for one address, write 10.2.0.0/32',
    ],
    ['10.2.0.0/33', '"10.2.0.0/33" is not a block: the prefix of 10.2.0.0 has at most 32 bits'],
    [
      '2001:db8::/129',
      '"2001:db8::/129" is not a block: the prefix of 2001:db8:: has at most 128 bits',
    ],
    ['10.2.7.0/16', '"10.2.7.0/16" has bits behind its prefix; did you mean "10.2.0.0/16"?'],
    [
      '2001:db8::1/32',
      '"2001:db8::1/32" has bits behind its prefix; did you mean "2001:db8::/32"?',
    ],
    [
      '10.2.*',
      '"10.2.*" is not a block: it must be an address and the length of its prefix, such as 10.2.0.0/16 or 2001:db8::/32; did you mean "10.2.0.0/16"?',
    ],
    [
      '10.*.*.*',
      '"10.*.*.*" is not a block: it must be an address and the length of its prefix, such as 10.2.0.0/16 or 2001:db8::/32; did you mean "10.0.0.0/8"?',
    ],
    [
      '10.2.300.*',
      '"10.2.300.*" is not a block: it must be an address and the length of its prefix, such as 10.2.0.0/16 or 2001:db8::/32',
    ],
    [
      '10.2.0.0/x',
      '"10.2.0.0/x" is not a block: it must be an address and the length of its prefix, such as 10.2.0.0/16 or 2001:db8::/32',
    ],
  ])('refuses %s', (text, problem) => {
    expect(parseBlock(text)).toEqual({ problem });
  });

  it('holds no IPv6 address in an IPv4 block, and all addresses in ::/0', () => {
    const all = parseBlock('0.0.0.0/0');
    const wide = parseBlock('::/0');
    if ('problem' in all || 'problem' in wide) {
      throw new Error('not a block');
    }
    const address = parseAddress('2001:db8::1') as number[];
    expect(isInBlock(address, all)).toBe(false);
    expect(isInBlock(address, wide)).toBe(true);
    expect(isInBlock(parseAddress('10.0.0.1') as number[], wide)).toBe(true);
  });
});
