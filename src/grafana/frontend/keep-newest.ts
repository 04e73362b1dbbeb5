import type { DataFrame, Field } from '@grafana/data';

/** Lines that a live tail keeps for each query. */
export const MAX_LINES = 1_000;

/**
 * Puts the lines of an answer before those that are kept, in the order in which they arrived, and drops the oldest beyond
 * {@link MAX_LINES}. A line that is known already, by its id, is left out.
 *
 * @returns `kept` itself when nothing is new
 */
export function keepNewest(kept: DataFrame | undefined, answer: DataFrame): DataFrame {
  const known = new Set(kept ? idsOf(kept) : []);
  const added = idsOf(answer).flatMap((id, row) => (known.has(id) ? [] : [row]));
  if (kept && added.length === 0) {
    return kept;
  }
  const length = Math.min(added.length + (kept?.length ?? 0), MAX_LINES);
  const fields = answer.fields.map((field): Field => {
    const before = kept?.fields.find(({ name }) => name === field.name)?.values ?? [];
    return {
      ...field,
      values: [...added.map((row) => field.values[row]), ...before].slice(0, length),
    };
  });
  return { ...answer, fields, length };
}

function idsOf({ fields }: DataFrame): unknown[] {
  return fields.find(({ name }) => name === 'id')?.values ?? [];
}
