import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from '../../../src/css/import/read-lines.ts';

async function lines(pieces: readonly Uint8Array[], maxLength?: number): Promise<string[]> {
  async function* input() {
    yield* pieces;
  }
  const found: string[] = [];
  for await (const { line, text, tooLong } of readLines(input(), maxLength)) {
    expect(line).toBe(found.length + 1);
    found.push(tooLong ? `${text}…` : text);
  }
  return found;
}

describe('readLines', () => {
  it('splits lines the same for any chunks', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r', '\r\n', '直', '🎥') });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (whole, size) => {
        const bytes = Buffer.from(whole);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_none, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        const expected = whole.split(/\r\n|\r|\n/);
        if (expected.at(-1) === '') {
          expected.pop();
        }
        // A first piece that ends inside a letter still shows what the text is written in.
        expect(await lines(pieces)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('truncates a line without an end', async () => {
    const piece = Buffer.from('x'.repeat(1000));
    expect(await lines([piece, piece, Buffer.from('\nnext')], 10)).toEqual(['xxxxxxxxxx…', 'next']);
  });

  it('reads the encodings of spreadsheets', async () => {
    const gb = Buffer.from([0xb6, 0xcf, 0xc1, 0xf7, 0x0a]);
    expect(await lines([gb])).toEqual(['断流']);
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('断流\n', 'utf16le')]);
    expect(await lines([utf16])).toEqual(['断流']);
  });
});
