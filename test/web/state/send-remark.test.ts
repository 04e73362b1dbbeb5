import { describe, expect, it } from 'vitest';
import { requestOf } from '../../../src/web/state/send-remark.ts';

describe('requestOf', () => {
  it('returns the request of each remark, without an empty note', () => {
    expect(requestOf({ kind: 'acknowledge' }, 'ann')).toEqual(['acknowledge', { by: 'ann' }]);
    expect(requestOf({ kind: 'takeOver', text: ' my shift' }, 'bob')).toEqual([
      'acknowledge',
      { by: 'bob', takeOver: true, note: 'my shift' },
    ]);
    expect(requestOf({ kind: 'release' }, 'bob')).toEqual(['release', { by: 'bob' }]);
    expect(requestOf({ kind: 'note', text: 'called' }, 'bob')).toEqual([
      'note',
      { by: 'bob', text: 'called', fixed: false },
    ]);
    expect(requestOf({ kind: 'fixed', text: ' topped up ' }, 'ann')).toEqual([
      'note',
      { by: 'ann', text: 'topped up', fixed: true },
    ]);
    expect(requestOf({ kind: 'right', text: '' }, 'ann')).toEqual([
      'feedback',
      { by: 'ann', verdict: 'right' },
    ]);
    expect(requestOf({ kind: 'wrong', text: 'a cable' }, 'ann')).toEqual([
      'feedback',
      { by: 'ann', verdict: 'wrong', note: 'a cable' },
    ]);
  });
});
