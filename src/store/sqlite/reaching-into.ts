import { spanStarts } from '../rows/span-class.ts';
import type { SqlValue } from './connection.ts';

/**
 * Conditions on `breaks b` for spans that contain a moment and began before it.
 *
 * @returns SQL for a FROM clause, with a table `k` of classes before `b`, and the values that it binds
 */
export function reachingInto(moment: number, down: readonly number[]) {
  return {
    from: `json_each(?) k CROSS JOIN breaks b INDEXED BY breaks_by_span
      ON b.down IN (${down.join(', ')}) AND b.span_class = k.value ->> 0
        AND b.ended_at > k.value ->> 1 AND b.ended_at < ? AND b.until > ?`,
    values: [JSON.stringify(spanStarts(moment)), moment, moment] as SqlValue[],
  };
}
