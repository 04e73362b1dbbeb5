import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, wrapText } from '../../../src/cli/output/wrap-text.ts';

describe('wrapText', () => {
  it('wraps between words, and indents', () => {
    expect(wrapText('one two  three', 'a: ', '  ', 8)).toEqual(['a: one', '  two', '  three']);
  });

  it('wraps between East Asian words, with two columns per character, not before a full stop', () => {
    expect(wrapText('推流地址已过期。', '', '', 8)).toEqual(['推流地址', '已过期。']);
    expect(wrapText('推流地址。已', '', '', 8)).toEqual(['推流', '地址。已']);
    expect(wrapText('上行链路承载不了', '', '', 10)).toEqual(['上行链路', '承载不了']);
    expect(wrapText('地址（过期）', '', '', 10)).toEqual(['地址', '（过期）']);
    expect(wrapText('끊김 원인입니다', '', '', 10)).toEqual(['끊김', '원인입니다']);
  });

  it('splits a word that is longer than a line', () => {
    expect(wrapText('abcdefgh', '', '', 5)).toEqual(['abcde', 'fgh']);
  });

  it('loses nothing and never exceeds the width', () => {
    const sign = fc.constantFrom('a', 'b', ' ', '推', '。', '한', '—', ',');
    fc.assert(
      fc.property(
        fc.string({ unit: sign, maxLength: 200 }),
        fc.integer({ min: 6, max: 40 }),
        (text, width) => {
          const lines = wrapText(text, '> ', '  ', width);
          expect(lines.every((line) => columnsOf(line) <= width)).toBe(true);
          const bare = (words: string) => words.replace(/\s/g, '');
          expect(bare(lines.join(''))).toBe(bare(`> ${text}`));
        },
      ),
    );
  });
});
