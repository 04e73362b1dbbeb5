import type { BreakRecord } from '../../model/break.ts';
import type { BreakSearch } from '../store.ts';
import { briefRecordOf, endRecordOf, type RecordRow, recordOf } from './break-row.ts';

/** Records read at a time, so that a large result does not block the event loop. */
const PAGE = 2_000;

/** Returns what builds the records of a search from its rows. */
export function readerOf({
  briefFacts,
  endsOnly,
}: Pick<BreakSearch, 'briefFacts' | 'endsOnly'>): (row: RecordRow) => BreakRecord {
  if (endsOnly) {
    return endRecordOf;
  }
  return briefFacts === undefined ? recordOf : (row) => briefRecordOf(row, briefFacts);
}

/** Finds breaks, one page at a time. */
export async function findRecords(
  search: BreakSearch,
  findPage: (search: BreakSearch) => Promise<RecordRow[]>,
): Promise<BreakRecord[]> {
  const readRow = readerOf(search);
  const found: BreakRecord[] = [];
  let after = search.after;
  for (let remaining = search.limit; remaining > 0; ) {
    const limit = Math.min(remaining, PAGE);
    const rows = await findPage({ ...search, limit, ...(after ? { after } : {}) });
    const records = rows.map(readRow);
    found.push(...records);
    remaining -= limit;
    const last = records.at(-1);
    if (records.length < limit || last === undefined) {
      break;
    }
    after = { endedAt: last.event.endedAt, id: last.event.id };
  }
  return found;
}
