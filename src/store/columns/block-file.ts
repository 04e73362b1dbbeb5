/**
 * The file format of a block: a fixed head (magic number, length and CRC-32 of the header), a JSON
 * header, and one section per column. Each section has its own CRC-32, so a column can be read and
 * checked without the others. Numbers are in the byte order of the machine; the magic number of a file
 * from a machine with another byte order does not match.
 *
 * @module
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { END_FACT, type FactBlock, type FactColumn } from '../../model/facts.ts';

/** Must change with the layout, so that files of other versions are rebuilt. */
const MAGIC = 0x42_57_46_01;
const HEAD_BYTES = 16;
const ALIGNMENT = 8;

const ARRAYS = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f64: Float64Array,
};
type ArrayKind = keyof typeof ARRAYS;
type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** A range of bytes, relative to the end of the header, and its CRC-32. */
interface Section {
  at: number;
  bytes: number;
  crc: number;
}

interface ColumnHeader extends Section {
  array: ArrayKind;
  /** UTF-8 JSON of the dictionary's values, starting at code 1; absent for plain numbers. */
  values?: Section;
}

interface Header {
  stamp: number;
  events: number;
  from: number;
  to: number;
  endedAt: ColumnHeader;
  places: ColumnHeader;
  rulings: ColumnHeader;
  /** Pairs instead of an object, because a fact may have any name, such as `__proto__`. */
  facts: [name: string, column: ColumnHeader][];
}

/** The content of a block. */
export interface BlockContent {
  /** Stamp of the rows that the block was built from. */
  stamp: number;
  endedAt: Float64Array;
  places: Float64Array;
  rulings: FactColumn;
  facts: ReadonlyMap<string, FactColumn>;
}

function kindOf(numbers: Numbers): ArrayKind {
  const found = Object.entries(ARRAYS).find(([, made]) => numbers instanceof made);
  return (found as [ArrayKind, unknown])[0];
}

function padded(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Encodes a block as the bytes of its file. */
export function encodeBlock(content: BlockContent): Buffer {
  const parts: Buffer[] = [];
  let end = 0;
  const section = (bytes: Buffer): Section => {
    const at = end;
    parts.push(bytes, Buffer.alloc(padded(bytes.length) - bytes.length));
    end += padded(bytes.length);
    return { at, bytes: bytes.length, crc: crc32(bytes) };
  };
  const numbersSection = (numbers: Numbers): ColumnHeader => ({
    array: kindOf(numbers),
    ...section(Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)),
  });
  const columnSection = (column: FactColumn): ColumnHeader =>
    column.kind === 'numbers'
      ? numbersSection(column.numbers)
      : {
          ...numbersSection(column.codes),
          values: section(Buffer.from(JSON.stringify(column.values.slice(1)))),
        };
  const header: Header = {
    stamp: content.stamp,
    events: content.endedAt.length,
    from: content.endedAt.reduce((a, b) => Math.min(a, b), content.endedAt[0] ?? 0),
    to: content.endedAt.reduce((a, b) => Math.max(a, b), content.endedAt[0] ?? 0),
    endedAt: numbersSection(content.endedAt),
    places: numbersSection(content.places),
    rulings: columnSection(content.rulings),
    facts: [...content.facts].map(([name, column]) => [name, columnSection(column)]),
  };
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(padded(HEAD_BYTES + text.length));
  new Uint32Array(head.buffer, head.byteOffset, 3).set([MAGIC, text.length, crc32(text)]);
  text.copy(head, HEAD_BYTES);
  return Buffer.concat([head, ...parts]);
}

/** Gives random access to the bytes of a block. */
interface ByteSource {
  size: number;
  /** Returns fewer than `length` bytes at the end of the file. */
  read(at: number, length: number): Uint8Array<ArrayBuffer>;
  close(): void;
}

/** Opens a file. @throws the system's error when the file does not exist */
function openByteSource(file: string): ByteSource {
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

/** Reads from bytes in memory. */
function memoryByteSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    // A copy starts at an offset that is aligned for eight-byte numbers.
    read: (at, length) => new Uint8Array(bytes.subarray(at, at + length)),
    close: () => undefined,
  };
}

/** Thrown when a file is not a block, or is damaged. */
export class BrokenBlockError extends Error {
  override readonly name = 'BrokenBlockError';
}

/**
 * A block whose columns are read from the file at first use. Call `load` first when a later read must
 * not fail.
 */
export class BlockFile implements FactBlock {
  readonly stamp: number;
  readonly events: number;
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
  readonly #header: Header;
  readonly #bytes: ByteSource;
  /** Offset of the first section. */
  readonly #start: number;
  readonly #facts: ReadonlyMap<string, ColumnHeader>;
  readonly #loaded = new Map<ColumnHeader, FactColumn | Numbers>();

  /**
   * @param source - path of the file, or all its bytes
   * @throws the system's error when the file does not exist, BrokenBlockError when it is not a block
   */
  constructor(source: string | Uint8Array) {
    this.#bytes = typeof source === 'string' ? openByteSource(source) : memoryByteSource(source);
    try {
      const head = new Uint32Array(this.#read(0, HEAD_BYTES).buffer);
      const [magic, length, crc] = head as unknown as [number, number, number];
      if (magic !== MAGIC || HEAD_BYTES + length > this.#bytes.size) {
        throw new BrokenBlockError('not a block file');
      }
      const text = Buffer.from(this.#read(HEAD_BYTES, length));
      if (crc32(text) !== crc) {
        throw new BrokenBlockError('the header of a block is damaged');
      }
      this.#header = JSON.parse(text.toString('utf8')) as Header;
      this.#start = padded(HEAD_BYTES + length);
    } catch (thrown) {
      this.close();
      throw thrown;
    }
    const { stamp, events, from, to, facts } = this.#header;
    this.stamp = stamp;
    this.events = events;
    this.from = from;
    this.to = to;
    this.names = [...facts.map(([name]) => name), END_FACT];
    this.#facts = new Map(facts);
  }

  /** Closes the file. Loaded columns stay readable. */
  close(): void {
    this.#bytes.close();
  }

  /**
   * Reads the given facts, and the columns that every block has.
   *
   * @throws BrokenBlockError
   */
  load(facts: Iterable<string>): void {
    this.endedAt();
    this.places();
    this.rulings();
    for (const name of facts) {
      this.fact(name);
    }
  }

  /** @throws BrokenBlockError */
  endedAt(): Float64Array {
    return this.#numbers(this.#header.endedAt) as Float64Array;
  }

  /** @throws BrokenBlockError */
  places(): Float64Array {
    return this.#numbers(this.#header.places) as Float64Array;
  }

  /** @throws BrokenBlockError */
  rulings(): Extract<FactColumn, { kind: 'dictionary' }> {
    return this.#column(this.#header.rulings) as Extract<FactColumn, { kind: 'dictionary' }>;
  }

  /** @throws BrokenBlockError */
  fact(name: string): FactColumn | undefined {
    if (name === END_FACT) {
      return { kind: 'numbers', numbers: this.endedAt() };
    }
    const header = this.#facts.get(name);
    return header && this.#column(header);
  }

  #read(at: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.read(at, length);
    if (bytes.length < length) {
      throw new BrokenBlockError('a block file is truncated');
    }
    return bytes;
  }

  #section({ at, bytes, crc }: Section): Uint8Array<ArrayBuffer> {
    const section = this.#read(this.#start + at, bytes);
    if (crc32(section) !== crc) {
      throw new BrokenBlockError('a column of a block is damaged');
    }
    return section;
  }

  #numbers(header: ColumnHeader): Numbers {
    return this.#once(header, () => new ARRAYS[header.array](this.#section(header).buffer));
  }

  #column(header: ColumnHeader): FactColumn {
    return this.#once(header, () => this.#readColumn(header));
  }

  #once<T extends FactColumn | Numbers>(header: ColumnHeader, read: () => T): T {
    const loaded = (this.#loaded.get(header) as T | undefined) ?? read();
    this.#loaded.set(header, loaded);
    return loaded;
  }

  #readColumn(header: ColumnHeader): FactColumn {
    const numbers = new ARRAYS[header.array](this.#section(header).buffer);
    if (header.values === undefined) {
      return { kind: 'numbers', numbers: numbers as Int32Array | Float64Array };
    }
    const text = Buffer.from(this.#section(header.values).buffer).toString('utf8');
    const values = [undefined, ...(JSON.parse(text) as unknown[])];
    return { kind: 'dictionary', codes: numbers as Uint8Array | Uint16Array | Uint32Array, values };
  }
}
