import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gzipUnlessShort } from '../../src/queries/gzip-pieces.ts';

const encoder = new TextEncoder();

function* piecesOf(
  ...texts: string[]
): Generator<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  for (const text of texts.slice(0, -1)) {
    yield encoder.encode(text);
  }
  return encoder.encode(texts.at(-1) ?? '');
}

/** Packs texts. Reads the pieces as the query thread does, with the value that the generator returns. */
function pack(...texts: string[]) {
  const { pieces, isGzip } = gzipUnlessShort(piecesOf(...texts));
  const found: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const { value, done } = pieces.next();
    found.push(value);
    if (done) {
      return { found, isGzip, bytes: Buffer.concat(found) };
    }
  }
}

const LONG = 'shop-17 直播间 '.repeat(10_000);

describe('gzipUnlessShort', () => {
  it.each([
    ['one piece', [LONG]],
    ['several pieces', [LONG, 'b'.repeat(200_000), LONG]],
    ['an empty last piece', [LONG, '']],
    ['short pieces', ['a', 'b', 'c']],
  ])('packs %s into one member that any reader of gzip can read', (_name, texts) => {
    const { bytes, isGzip } = pack(...texts);
    expect(isGzip).toBe(true);
    expect(gunzipSync(bytes).toString()).toBe(texts.join(''));
    // A second member would begin with the same magic bytes as the first.
    expect(bytes.lastIndexOf(Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0))).toBe(0);
  });

  it('compresses as well as it is compressed at once, nearly', () => {
    const { bytes } = pack(LONG, LONG, LONG);
    expect(bytes.length * 50).toBeLessThan(Buffer.byteLength(LONG.repeat(3)));
  });

  it('leaves a short answer as it is', () => {
    const { bytes, isGzip } = pack('{"results":{}}');
    expect(isGzip).toBe(false);
    expect(bytes.toString()).toBe('{"results":{}}');
  });

  it('gives each piece a buffer of its own, which may move to another thread', () => {
    const { found } = pack(LONG, LONG, LONG);
    expect(new Set(found.map(({ buffer }) => buffer)).size).toBe(3);
    for (const piece of found) {
      expect(piece.byteLength).toBe(piece.buffer.byteLength);
    }
  });

  it('fails where reading fails', () => {
    function* failing(): Generator<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
      yield encoder.encode(LONG);
      throw new Error('too large');
    }
    const { pieces } = gzipUnlessShort(failing());
    expect(pieces.next().done).toBe(false);
    expect(() => pieces.next()).toThrow('too large');
  });
});
