import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

const isGzip = (head: Uint8Array) => head[0] === 0x1f && head[1] === 0x8b;

/**
 * Decompresses a byte stream if it begins as a gzip file does, whatever its name; passes on any other. Several files one
 * after the other are one stream.
 *
 * @throws errors of the input, and of zlib when the file is damaged or cut
 */
export async function* decompress(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const pieces = input[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    if (head.length > 1) {
      break;
    }
  }
  const all = (async function* () {
    yield head;
    yield* { [Symbol.asyncIterator]: () => pieces };
  })();
  if (!isGzip(head)) {
    yield* all;
    return;
  }
  const gunzip = createGunzip();
  // An error of either side also ends the reading below.
  pipeline(Readable.from(all), gunzip).catch(() => undefined);
  yield* gunzip as AsyncIterable<Buffer>;
}
