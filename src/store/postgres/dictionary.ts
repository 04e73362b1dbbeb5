import { LRUCache } from 'lru-cache';
import { CELL_COLUMNS } from '../rows/break-row.ts';
import { keyHash } from './bucket.ts';
import type { Sql } from './database.ts';

const MAX_NUMBERS = 20_000;

/** Numbers of rows that many breaks refer to, which are added before the first break that needs them. */
class Numbers {
  readonly #known = new LRUCache<string, number>({ max: MAX_NUMBERS });
  readonly #add: (sql: Sql, hashes: string[], keys: string[]) => Promise<void>;
  readonly #find: string;
  readonly #hashOf: (key: string) => string;

  constructor(options: {
    hashOf: (key: string) => string;
    add: (sql: Sql, hashes: string[], keys: string[]) => Promise<void>;
    find: string;
  }) {
    this.#hashOf = options.hashOf;
    this.#add = options.add;
    this.#find = options.find;
  }

  /** Returns the number of each key, and adds those that are missing. */
  async of(sql: Sql, keys: Iterable<string>): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    const missing = new Map<string, string>();
    for (const key of keys) {
      const number = this.#known.get(key);
      if (number === undefined) {
        missing.set(this.#hashOf(key), key);
      } else {
        found.set(key, number);
      }
    }
    if (missing.size === 0) {
      return found;
    }
    const read = async () => {
      const rows = await sql.rows<[string, number]>(this.#find, [...missing.keys()]);
      for (const [hash, number] of rows) {
        const key = missing.get(hash.replaceAll('-', '')) as string;
        this.#known.set(key, number);
        found.set(key, number);
        missing.delete(hash.replaceAll('-', ''));
      }
    };
    await read();
    if (missing.size > 0) {
      // In order, so that two servers that add the same rows wait for each other and never for a circle.
      const hashes = [...missing.keys()].sort();
      await this.#add(
        sql,
        hashes,
        hashes.map((hash) => missing.get(hash) as string),
      );
      await read();
    }
    return found;
  }
}

const hashOfJson = (key: string) => keyHash(...(JSON.parse(key) as string[]));

/** Finds the numbers of cells and verdicts. */
export interface Dictionary {
  /** By the JSON text of a cell's columns. */
  cells(sql: Sql, cells: Iterable<string>): Promise<ReadonlyMap<string, number>>;
  /** By the JSON text of the shared part of a verdict. */
  verdicts(sql: Sql, bodies: Iterable<string>): Promise<ReadonlyMap<string, number>>;
}

/** Keeps the numbers of the cells and verdicts that were needed last. Rows that it adds are never deleted. */
export function createDictionary(): Dictionary {
  const columns = CELL_COLUMNS.map((_column, index) => `$${index + 2}::text[]`).join(', ');
  const cells = new Numbers({
    hashOf: hashOfJson,
    find: 'SELECT cell_hash, cell FROM cells WHERE cell_hash = ANY($1::uuid[])',
    add: async (sql, hashes, keys) => {
      const rows = keys.map((key) => JSON.parse(key) as string[]);
      await sql.run(
        `INSERT INTO cells (cell_hash, ${CELL_COLUMNS.join(', ')})
         SELECT * FROM unnest($1::uuid[], ${columns})
         ON CONFLICT (cell_hash) DO NOTHING`,
        hashes,
        ...CELL_COLUMNS.map((_column, index) => rows.map((row) => row[index] as string)),
      );
    },
  });
  const verdicts = new Numbers({
    hashOf: (body) => keyHash(body),
    find: 'SELECT body_hash, verdict FROM verdicts WHERE body_hash = ANY($1::uuid[])',
    add: async (sql, hashes, keys) => {
      await sql.run(
        `INSERT INTO verdicts (body_hash, body) SELECT * FROM unnest($1::uuid[], $2::text[])
         ON CONFLICT (body_hash) DO NOTHING`,
        hashes,
        keys,
      );
    },
  });
  return {
    cells: (sql, keys) => cells.of(sql, keys),
    verdicts: (sql, bodies) => verdicts.of(sql, bodies),
  };
}
