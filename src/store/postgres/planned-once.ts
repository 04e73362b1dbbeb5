import type { Sql, SqlParameter } from './database.ts';

/**
 * Runs a statement that is planned once for each connection, and again after its tables were changed or analyzed, although
 * it binds values. For statements over all months of breaks whose values come from a join: planning reads the indexes of
 * each month and takes longer than running, and another plan would be no better. Months are left out by the conditions
 * when it runs. Must be called in a transaction.
 *
 * @param name - always of the same text
 */
export async function plannedOnce<Row extends readonly unknown[]>(
  sql: Sql,
  name: string,
  text: string,
  ...values: SqlParameter[]
): Promise<Row[]> {
  // A month that is empty now would be read as a whole, and would still be when it has grown.
  await sql.script(
    'SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off',
  );
  const rows = await sql.prepared<Row>(name, text, ...values);
  // If it failed, the end of the transaction does this.
  await sql.script('SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_seqscan = on');
  return rows;
}
