import type { NewRevision, RuleRevision, RuleRevisions } from '../rule-revisions.ts';
import type { Database, Sql } from './database.ts';
import { fencedTransaction } from './fence.ts';

/** Revisions of the rules. Of those that are in force, the newest one counts; of those that wait, the newest one that is newer. */
export const REVISIONS_TABLE = `
  CREATE TABLE rule_revisions (
    revision bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash text COLLATE "C" NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_by text COLLATE "C" NOT NULL,
    in_force_at timestamptz,
    needs text COLLATE "C" NOT NULL,
    rules text COLLATE "C" NOT NULL
  )`;

/** So many revisions are kept, for people who look for what was in force. */
const KEPT = 50;

type Row = [
  revision: number,
  hash: string,
  publishedAt: number,
  inForceAt: number | null,
  by: string,
  needs: string,
];

const COLUMNS = `revision, hash, (extract(epoch FROM published_at) * 1000)::float8,
  (extract(epoch FROM in_force_at) * 1000)::float8, published_by, needs`;

function revisionOf([revision, hash, publishedAt, inForceAt, by, needs]: Row): RuleRevision {
  return {
    revision,
    hash,
    publishedAt: Math.round(publishedAt),
    inForceAt: inForceAt === null ? null : Math.round(inForceAt),
    by,
    needs: JSON.parse(needs) as unknown,
  };
}

/** @param epoch - the number with which this server writes, see `fencedTransaction` */
export function createRuleRevisions(database: Database, epoch: number): RuleRevisions {
  const fenced = (work: (sql: Sql) => Promise<unknown>) =>
    fencedTransaction(database, { epoch, isAlone: true, durable: true }, async (sql) => {
      await work(sql);
      await sql.run(
        `DELETE FROM rule_revisions WHERE revision < (SELECT coalesce(max(revision), 0) FROM rule_revisions
           WHERE in_force_at IS NOT NULL) - ${KEPT}`,
      );
    });
  return {
    async latest() {
      const rows = await database.rows<Row>(
        `(SELECT ${COLUMNS} FROM rule_revisions WHERE in_force_at IS NOT NULL ORDER BY revision DESC LIMIT 1)
         UNION ALL
         (SELECT ${COLUMNS} FROM rule_revisions WHERE in_force_at IS NULL ORDER BY revision DESC LIMIT 1)`,
      );
      const found = rows.map(revisionOf);
      const inForce = found.find(({ inForceAt }) => inForceAt !== null) ?? null;
      const waiting = found.find(({ inForceAt }) => inForceAt === null) ?? null;
      return {
        inForce,
        waiting: waiting && waiting.revision > (inForce?.revision ?? 0) ? waiting : null,
      };
    },
    async read(revision) {
      const row = await database.row<[string]>(
        'SELECT rules FROM rule_revisions WHERE revision = $1',
        revision,
      );
      return row && (JSON.parse(row[0]) as unknown);
    },
    async add(published) {
      const row = await database.row<Row>(
        `INSERT INTO rule_revisions (hash, published_by, needs, rules) VALUES ($1, $2, $3, $4)
         RETURNING ${COLUMNS}`,
        ...valuesOf(published),
      );
      return revisionOf(row as Row);
    },
    addFirst: (published) =>
      fenced((sql) =>
        sql.run(
          `INSERT INTO rule_revisions (hash, published_by, needs, rules, in_force_at)
           SELECT $1, $2, $3, $4, clock_timestamp()
           WHERE NOT EXISTS (SELECT 1 FROM rule_revisions WHERE in_force_at IS NOT NULL)`,
          ...valuesOf(published),
        ),
      ),
    putInForce: (revision) =>
      fenced((sql) =>
        sql.run(
          `UPDATE rule_revisions SET in_force_at = clock_timestamp() WHERE revision = $1 AND revision >
             (SELECT coalesce(max(revision), 0) FROM rule_revisions WHERE in_force_at IS NOT NULL)`,
          revision,
        ),
      ),
  };
}

function valuesOf({ hash, by, needs, rules }: NewRevision): string[] {
  return [hash, by, JSON.stringify(needs), JSON.stringify(rules)];
}
