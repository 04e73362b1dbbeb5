import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../src/model/vocabulary.ts';
import { requestOf } from '../../../src/web/state/send-remark.ts';
import { REMARK_STRINGS } from '../../../src/web/words/remark-strings.ts';

describe('requestOf', () => {
  it('says where each remark goes, without words that nobody wrote', () => {
    expect(requestOf({ kind: 'acknowledge' }, 'ann')).toEqual(['acknowledge', { by: 'ann' }]);
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

  it('has its words in every language, each its own', () => {
    for (const name of ['acknowledge', 'right', 'wrong', 'fixed', 'send', 'thanks'] as const) {
      expect(new Set(LANGUAGES.map((language) => REMARK_STRINGS[language][name])).size).toBe(4);
    }
  });
});
