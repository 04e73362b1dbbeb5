import { expect, it } from 'vitest';
import { readPlace, ruleAddress } from '../../../src/web/state/place.ts';

it('reads the address of each page, and opens the first page for others', () => {
  expect(readPlace('/')).toEqual({ page: 'now' });
  expect(readPlace('/other/rules')).toEqual({ page: 'now' });
  expect(readPlace('/rules')).toEqual({ page: 'rules' });
  expect(readPlace('/rules/')).toEqual({ page: 'rules' });
  expect(readPlace('/lookup')).toEqual({ page: 'lookup' });
  expect(readPlace('/rules/auth/url-expired')).toEqual({ page: 'rule', id: 'auth/url-expired' });
  expect(readPlace('/rules/%E0%A4%A')).toEqual({ page: 'rules' });
});

it('reads the addresses that it writes', () => {
  for (const id of ['auth/url-expired', 'network/our-team/line-2']) {
    expect(readPlace(ruleAddress(id))).toEqual({ page: 'rule', id });
  }
});
