import { expect, it } from 'vitest';
import { printReasonCode } from '../../../src/model/break.ts';
import { lookUp, readCodeAlone } from '../../../src/reasons/lookup-code.ts';
import { ALL_REASONS } from '../../../src/reasons/reason-catalogue.ts';
import {
  lookupAddress,
  lookupExamples,
  lookupOfFact,
  readCode,
} from '../../../src/web/state/lookup.ts';

it('reads the addresses that it writes, for every code', () => {
  const codes = ALL_REASONS.flatMap(({ id, codes, bypassCodes }) => [
    id,
    ...codes.map(printReasonCode),
    ...bypassCodes.map(String),
  ]);
  for (const code of [...codes, '18/501', 'ResourceNotFound.StopService', 'UnknownParameter']) {
    const address = new URL(lookupAddress(code), 'http://localhost');
    expect([address.pathname, readCode(address.search)]).toEqual(['/lookup', code]);
  }
  expect(lookupAddress('18/501')).toBe('/lookup?code=18/501');
  expect(lookupAddress(null)).toBe('/lookup');
});

it.each([
  '',
  '?code=',
  '?code=0123456789abcdef0123456789abcdef',
  '?code=rtmp%3A%2F%2Fpush.example.com%2Flive%2Fa%3FtxSecret%3D1',
  '?code=%7B%22sign%22%3A1%7D',
  '?code=two%20words',
  '?other=18',
])('takes no code from %j', (query) => {
  expect(readCode(query)).toBeNull();
});

it.each(['en', 'zh', 'ja', 'ko'] as const)('offers examples that are known, in %s', (language) => {
  const { code, text, api } = lookupExamples(language);
  for (const one of [code, text, api]) {
    expect(lookUp(one)).toHaveLength(1);
  }
  expect([readCodeAlone(code), readCodeAlone(text), readCodeAlone(api)]).toEqual([code, null, api]);
});

it.each([
  ['code', '18/501', '/lookup?code=18/501'],
  ['bypassCode', 6012, '/lookup?code=6012'],
  ['reason', 'expiry_passed', '/lookup?code=expiry_passed'],
  ['previousReason', 'network', '/lookup?code=network'],
  ['reason', undefined, null],
  ['reason', 'two words', null],
  ['node', 'network', null],
  ['secondsLive', 14, null],
] as const)('links the fact %s %j to %j', (fact, value, address) => {
  expect(lookupOfFact(fact, value)).toBe(address);
});
