import type { BreakRecord } from '../model/break.ts';
import type { BreakSearch, Store } from './store.ts';

/**
 * Finds breaks a page at a time, the newest first, so that the caller can stop, or do something else between.
 *
 * @param search - its limit is that of a page. The last page has fewer breaks; an empty one is left out
 * @throws `STORE_FAILED`
 */
export async function* breakPages(
  store: Pick<Store, 'findBreaks'>,
  search: BreakSearch,
): AsyncGenerator<BreakRecord[], void> {
  let { after } = search;
  for (;;) {
    const page = await store.findBreaks({ ...search, ...(after && { after }) });
    const last = page.at(-1)?.event;
    if (last === undefined) {
      return;
    }
    yield page;
    if (page.length < search.limit) {
      return;
    }
    after = { endedAt: last.endedAt, id: last.id };
  }
}
