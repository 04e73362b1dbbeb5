import type { Store } from '../../src/store/store.ts';
import type { PastBreak } from '../../test/helpers/backtest-breaks.ts';

const PAGE = 2_000;

/** Reads the newest breaks of a store as whole records, page by page. */
export async function readOneByOne(store: Store, limit: number) {
  const range = { from: 0, to: Number.MAX_SAFE_INTEGER };

  async function* pages(): AsyncGenerator<PastBreak[], void> {
    let after: { endedAt: number; id: string } | undefined;
    for (let left = limit; left > 0; left -= PAGE) {
      const records = await store.findBreaks({
        range,
        filters: {},
        limit: Math.min(PAGE, left),
        ...(after ? { after } : {}),
      });
      const last = records.at(-1)?.event;
      if (!last) {
        return;
      }
      yield records.map(({ event, verdict }) => ({
        id: event.id,
        endedAt: event.endedAt,
        stream: `${event.domain}/${event.app}/${event.stream}`,
        facts: event.facts,
        verdict: {
          rule: verdict.rule.id,
          hash: verdict.rule.hash,
          category: verdict.category,
        },
      }));
      after = { endedAt: last.endedAt, id: last.id };
    }
  }

  let events = 0;
  let from = 0;
  for await (const page of pages()) {
    events += page.length;
    from = page.at(-1)?.endedAt ?? from;
  }
  return { pages, events, from };
}
