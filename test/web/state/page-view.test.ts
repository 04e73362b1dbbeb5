import { describe, expect, it } from 'vitest';
import { readPageAddress, writePageAddress } from '../../../src/web/state/page-view.ts';

describe('the address of the page', () => {
  it('is empty for the default view', () => {
    expect(writePageAddress(readPageAddress(''))).toBe('');
  });

  it('holds the whole view', () => {
    const query =
      '?incident=inc-1&search=shop+17&account=b&category=auth&category=network&hours=168&ended=1&history=1';
    const view = readPageAddress(query);
    expect(view).toEqual({
      incident: 'inc-1',
      search: 'shop 17',
      account: 'b',
      categories: ['auth', 'network'],
      hours: 168,
      ended: true,
      history: true,
    });
    expect(writePageAddress(view)).toBe(query);
  });

  it('ignores unknown values', () => {
    expect(readPageAddress('?hours=5&category=weather&ended=yes')).toEqual(readPageAddress(''));
  });
});
