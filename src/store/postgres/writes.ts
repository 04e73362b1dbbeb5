import type { RuleTexts } from '../../model/diagnosis.ts';
import { batchRowsOf, documentRowOf } from '../rows/plain-rows.ts';
import type { DerivedBatch, DocumentText, StoredDocument } from '../store.ts';
import type { Database, Sql } from './database.ts';
import { createDictionary } from './dictionary.ts';
import { putDocuments } from './documents.ts';
import { fencedTransaction } from './fence.ts';
import type { Partitions } from './partitions.ts';
import { writeBatch } from './write-batch.ts';

/** Options of {@link createWrites}. */
export interface WriteOptions {
  /** The number of this server, see `fencedTransaction`. */
  epoch: number;
  /**
   * With false, a power failure of the database server may undo what was written last. It is derived again from
   * the journal, with the same result; verdicts that were changed on purpose wait for the disk anyway.
   */
  durable: boolean;
  partitions: Partitions;
}

/** The methods of the store that write, without the journal. */
export function createWrites(database: Database, { epoch, durable, partitions }: WriteOptions) {
  const dictionary = createDictionary();
  const write = (work: (sql: Sql) => Promise<unknown>) =>
    fencedTransaction(database, { epoch, isAlone: false, durable }, async (sql) => {
      await work(sql);
    });
  return {
    commit: (batch: DerivedBatch) =>
      writeBatch({ database, dictionary, partitions, epoch }, batchRowsOf(batch), {
        durable: durable || batch.supersedes !== undefined,
      }),
    putRuleTexts: (texts: RuleTexts[]) =>
      write((sql) =>
        sql.run(
          `INSERT INTO rule_texts (rule_hash, cause, fix)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
          texts.map(({ ruleHash }) => ruleHash),
          texts.map(({ cause }) => JSON.stringify(cause)),
          texts.map(({ fix }) => JSON.stringify(fix)),
        ),
      ),
    setState: (name: string, value: unknown) =>
      write((sql) =>
        sql.run(
          `INSERT INTO state (name, value) VALUES ($1, $2)
           ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
          name,
          JSON.stringify(value ?? null),
        ),
      ),
    putDocuments: (documents: readonly (StoredDocument | DocumentText)[]) =>
      write((sql) => putDocuments(sql, documents.map(documentRowOf))),
    removeDocuments: (kind: string, ids: readonly string[]) =>
      write((sql) => sql.run('DELETE FROM documents WHERE kind = $1 AND id = ANY($2)', kind, ids)),
  };
}
