import type { BreakRecord } from '../../model/break.ts';
import type { BreakSearch } from '../store.ts';
import { type RecordRow, recordOf } from './break-row.ts';

/** Records read at a time, so that a big answer does not hold up the event loop. */
const PAGE = 2_000;

/** Finds breaks a page at a time. */
export async function findRecords(
  search: BreakSearch,
  findPage: (search: BreakSearch) => Promise<RecordRow[]>,
): Promise<BreakRecord[]> {
  const found: BreakRecord[] = [];
  let after = search.after;
  for (let missing = search.limit; missing > 0; ) {
    const limit = Math.min(missing, PAGE);
    const rows = await findPage({ ...search, limit, ...(after ? { after } : {}) });
    const records = rows.map(recordOf);
    found.push(...records);
    missing -= limit;
    const last = records.at(-1);
    if (records.length < limit || last === undefined) {
      break;
    }
    after = { endedAt: last.event.endedAt, id: last.event.id };
  }
  return found;
}
