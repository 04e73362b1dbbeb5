import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/diagnosis/rule.ts';

/** The same data with the keys of each object in the opposite order. */
function reversed(value: unknown): unknown {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Array.isArray(value)
    ? value.map(reversed)
    : Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, part]) => [key, reversed(part)]),
      );
}

describe('canonicalJson', () => {
  it('keeps the content, whatever the order of the keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });

  it('sorts keys, and leaves out those without a value', () => {
    expect(canonicalJson({ b: [1, undefined, { d: null, c: 'é' }], a: undefined })).toBe(
      '{"b":[1,null,{"c":"é","d":null}]}',
    );
  });
});
