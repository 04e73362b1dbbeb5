/** Maximum length of a number in bytes; larger ones cannot be exact. */
export const MAX_VARINT_BYTES = 8;

/** Reads whole numbers of 0 or more, seven bits a byte, the lowest first; the last byte is less than 128. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  /** Position of the next number. */
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  next(): number {
    let value = 0;
    let shift = 1;
    let byte = this.#bytes[this.at++] as number;
    while (byte >= 128) {
      value += (byte & 127) * shift;
      shift *= 128;
      byte = this.#bytes[this.at++] as number;
    }
    return value + byte * shift;
  }
}

/**
 * Writes a number as {@link VarintReader} reads it.
 *
 * @returns the position after it
 */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let next = at;
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    bytes[next++] = (rest % 128) + 128;
  }
  bytes[next++] = rest;
  return next;
}
