import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonSyntaxError, parseJson } from '../../../src/diagnosis/rule-files/parse-json.ts';

function syntaxError(text: string): string {
  try {
    parseJson(text);
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) {
      return `${thrown.place.line}:${thrown.place.column} ${thrown.message}`;
    }
    throw thrown;
  }
  return 'no error';
}

describe('parseJson', () => {
  it('reads what JSON.parse reads, to the same values', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 2, '\t'), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        expect(parseJson(spaced).value).toEqual(JSON.parse(spaced));
      }),
    );
  });

  it('refuses what JSON.parse refuses, with a position inside the text', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom(
          '',
          ',',
          '}',
          ']',
          '"',
          ':',
          '0',
          '-',
          '\\',
          'x',
          '\n',
          '\u0001',
          '1e',
          '.',
        ),
        (text, at, sign) => {
          const cut = at % (text.length + 1);
          const broken = text.slice(0, cut) + sign + text.slice(cut + (at % 3));
          let valid = true;
          try {
            JSON.parse(broken);
          } catch {
            valid = false;
          }
          try {
            parseJson(broken);
            expect([broken, valid]).toEqual([broken, true]);
          } catch (thrown) {
            if (!(thrown instanceof JsonSyntaxError)) {
              throw thrown;
            }
            const { line, column } = thrown.place;
            expect((broken.split('\n')[line - 1] ?? '').length + 1).toBeGreaterThanOrEqual(column);
            // The one thing that is stricter here.
            expect(valid && !thrown.message.includes('duplicate key')).toBe(false);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('takes what looks like keys inside of strings as text', () => {
    const value = { a: '"a": 1', '": "': ['b":', '\\":', { '': ':' }], __proto: null };
    expect(parseJson(JSON.stringify(value, null, 2)).value).toEqual(value);
  });

  it.each([
    ['{\n  "a": 1,\n}', '3:1 remove the comma before }'],
    ['[1, 2,]', '1:7 remove the comma before ]'],
    ['{"a" 1}', '1:6 expected a colon after the key but found "1"'],
    ['{"a": 1 "b": 2}', '1:9 expected a comma but found "\\""'],
    ['{"a": }', '1:7 expected a value but found "}"'],
    ['{\n  // why\n}', '2:3 JSON does not allow comments'],
    ['[// why\n]', '1:2 JSON does not allow comments'],
    ['{"a": "x\n"}', '1:7 this string has no closing double quote'],
    ['{"a": 1,\n "a": 2}', '2:2 duplicate key "a" in this object'],
    ['{"a": 1, "\\u0061": 2}', '1:10 duplicate key "a" in this object'],
    ['{"\\":": 1, "\\":": 2}', '1:12 duplicate key "\\":" in this object'],
    ['{"__proto__": 1, "__proto__": 2}', '1:18 duplicate key "__proto__" in this object'],
    ['', '1:1 expected a value but found the end of the file'],
    ['1 2', '1:3 expected the end of the file but found "2"'],
    ['"\\x"', '1:2 JSON does not have this escape sequence'],
    ['"ok \\n \\u00e9 \\u12g4"', '1:15 JSON does not have this escape sequence'],
    ['"a\tb"', '1:3 escape this control character'],
    ['{"a": 01}', '1:8 expected a comma but found "1"'],
    ['{"a": 1.}', '1:7 this is not a valid number'],
    ['{"a": tru}', '1:7 expected a value but found "t"'],
    ['{"a": [1', '1:9 expected a comma or ] but found the end of the file'],
    ['{"a": 1', '1:8 expected a comma or } but found the end of the file'],
    ['['.repeat(5000), '1:202 this is nested too deeply'],
  ])('explains %j', (text, message) => {
    expect(syntaxError(text)).toBe(message);
  });

  it('knows the positions of values and keys', () => {
    const document = parseJson('{\n  "a/b": [10,\n    {"c~d": true}],\n  "__proto__": 1\n}');
    expect(document.placeOf('/a~1b/0')).toEqual({ line: 2, column: 11 });
    expect(document.placeOf('/a~1b/1/c~0d')).toEqual({ line: 3, column: 13 });
    expect(document.placeOfKey('/a~1b/1/c~0d')).toEqual({ line: 3, column: 6 });
    expect(document.placeOf('/a~1b/1/missing/deeper')).toEqual({ line: 3, column: 5 });
    expect(Object.hasOwn(document.value as object, '__proto__')).toBe(true);
  });
});
