import { type DocumentRow, documentOf } from '../rows/plain-rows.ts';
import type { DocumentSearch, StoredDocument } from '../store.ts';
import type { Sql } from './database.ts';
import { Parameters } from './filters.ts';

/** Documents that last longer than this, ms, are in the index `documents_long`. */
const LONG_MS = 21_600_000;

async function find(
  sql: Sql,
  { kind, ids, open, account, range, limit }: DocumentSearch,
  more: (bind: Parameters) => string[] = () => [],
): Promise<DocumentRow[]> {
  const bind = new Parameters();
  const conditions = [
    `kind = ${bind.add(kind)}`,
    ...(ids ? [`id = ANY(${bind.add(ids)}::text[])`] : []),
    ...(open === undefined ? [] : [`open = ${open ? 1 : 0}`]),
    ...(account?.length ? [`account = ANY(${bind.add(account)}::text[])`] : []),
    ...(range ? [`at >= ${bind.add(range.from)} AND at < ${bind.add(range.to)}`] : []),
    ...more(bind),
  ];
  return sql.rows(
    `SELECT kind, id, account, at, open, body, ended_at FROM documents
     WHERE ${conditions.join(' AND ')} ORDER BY at DESC, id DESC LIMIT ${bind.add(limit)}`,
    ...bind.values,
  );
}

async function findRows(sql: Sql, search: DocumentSearch): Promise<DocumentRow[]> {
  const { overlaps: range, limit } = search;
  if (!range) {
    return find(sql, search);
  }
  // By start, then those that began before: all of these come later in the order.
  const before = range.from - LONG_MS;
  const found = await find(sql, { ...search, range: { from: before, to: range.to } }, (bind) => [
    `(ended_at IS NULL OR ended_at >= ${bind.add(range.from)})`,
  ]);
  if (found.length === limit) {
    return found;
  }
  const rest = { ...search, limit: limit - found.length };
  const earlier = [
    ...(await find(sql, { ...rest, open: true }, (bind) => [
      `at < ${bind.add(before)} AND ended_at IS NULL`,
    ])),
    ...(await find(sql, rest, (bind) => [
      `at < ${bind.add(before)} AND ended_at >= ${bind.add(range.from)} AND ended_at - at > ${LONG_MS}`,
    ])),
  ].sort((a, b) => b[3] - a[3] || (a[1] < b[1] ? 1 : -1));
  return [...found, ...earlier.slice(0, rest.limit)];
}

/** Documents by `at` descending, then id descending. */
export async function findDocuments(sql: Sql, search: DocumentSearch): Promise<StoredDocument[]> {
  return (await findRows(sql, search)).map(documentOf);
}

/** Inserts documents, or replaces those of the same kind and id. */
export async function putDocuments(sql: Sql, documents: readonly DocumentRow[]): Promise<void> {
  // The last of several with the same kind and id counts; one statement must not change a row twice.
  const rows = [
    ...new Map(documents.map((row) => [JSON.stringify(row.slice(0, 2)), row])).values(),
  ];
  const column = <K extends number>(at: K) => rows.map((row) => row[at as 0]);
  await sql.run(
    `INSERT INTO documents (kind, id, account, at, open, body, ended_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::smallint[],
       $6::text[], $7::bigint[])
     ON CONFLICT (kind, id) DO UPDATE SET account = excluded.account, at = excluded.at,
       open = excluded.open, body = excluded.body, ended_at = excluded.ended_at`,
    ...[0, 1, 2, 3, 4, 5, 6].map(column),
  );
}
