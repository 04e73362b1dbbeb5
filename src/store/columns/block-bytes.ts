import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Where the bytes of a block are read from. */
export interface BlockBytes {
  size: number;
  /** May give fewer bytes than wanted at the end. */
  read(at: number, length: number): Uint8Array<ArrayBuffer>;
  close(): void;
}

/** @throws the system's error when there is no such file */
export function bytesOfFile(file: string): BlockBytes {
  const descriptor = openSync(file, 'r');
  return {
    size: fstatSync(descriptor).size,
    read(at, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const read = readSync(descriptor, bytes, done, length - done, at + done);
        if (read === 0) {
          break;
        }
        done += read;
      }
      return bytes.subarray(0, done);
    },
    close: () => closeSync(descriptor),
  };
}

/** Bytes that are there already. */
export function bytesInMemory(bytes: Uint8Array): BlockBytes {
  return {
    size: bytes.length,
    // A copy stands where numbers of eight bytes may begin.
    read: (at, length) => new Uint8Array(bytes.subarray(at, at + length)),
    close: () => undefined,
  };
}
