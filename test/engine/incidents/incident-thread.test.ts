import { afterEach, beforeEach, expect, it } from 'vitest';
import type { IncidentContext } from '../../../src/engine/incidents/incident-messages.ts';
import { IncidentThread } from '../../../src/engine/incidents/incident-thread.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import type { StoredIncident } from '../../../src/model/incident.ts';
import { NO_MUTE_INTERVALS } from '../../../src/model/mute-intervals.ts';
import { openThreadStore } from '../../../src/store/open-thread-store.ts';
import type { ThreadStore } from '../../../src/store/store.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { at, cut, many } from '../../incidents/story.ts';

const CONTEXT: IncidentContext = {
  pushesSince: { default: 0 },
  accounts: [],
  alerts: {},
  mute: NO_MUTE_INTERVALS,
};
const BEGUN = -3 * 3_600;

let temporary: TemporaryStore;
let thread: IncidentThread;
/** Called with each page of breaks that was read, before the thread gets it. */
let onPage: (page: BreakRecord[]) => Promise<void>;
let turns: { rereads: number; records: number }[];

beforeEach(async () => {
  temporary = await openTemporaryStore();
  onPage = async () => undefined;
  turns = [];
});
afterEach(async () => {
  await thread.end();
  await temporary.remove();
});

/** Starts the work of the thread on this one, where the test sees what it reads. */
function begin(): void {
  const real = openThreadStore(temporary.store.share);
  const store = new Proxy(real, {
    get(target, name: keyof ThreadStore) {
      if (name === 'findBreaks') {
        return async (...request: Parameters<ThreadStore['findBreaks']>) => {
          const page = await target.findBreaks(...request);
          await onPage(page);
          return page;
        };
      }
      return (target[name] as () => unknown).bind(target);
    },
  });
  thread = new IncidentThread(store, {
    call: async () => undefined as never,
    notify(operation: string, ...[told]: unknown[]) {
      if (operation === 'turned') {
        turns.push((told as { figures: { rereads: number; records: number } }).figures);
      }
    },
  });
  thread.operations.begin({ context: CONTEXT, number: 0, now: at(0) });
}

async function incidents(): Promise<StoredIncident[]> {
  const found = await temporary.store.findDocuments({ kind: 'incident', limit: 9 });
  return found.map(({ body }) => body as StoredIncident);
}

it('does not let a page that was read before overwrite a batch that came during a reread', async () => {
  const where = { node: '192.0.2.1' };
  const still = { stream: 'still', at: BEGUN + 1, since: BEGUN - 600, ...where };
  await temporary.insert(
    cut(still),
    ...many(5, (index) =>
      cut({ stream: `s-${index}`, at: BEGUN, since: BEGUN - 600, back: BEGUN + 60, ...where }),
    ),
  );
  begin();
  await expect.poll(() => turns.length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(await incidents()).toMatchObject([{ state: 'open', streams: 6, streamsDown: 1 }]);
  // Most is folded, or there would be nothing to read again.
  expect(turns.at(-1)).toMatchObject({ rereads: 0 });
  expect(turns.at(-1)?.records).toBeLessThan(6);

  const back = cut({ ...still, back: -10 });
  let isNews = false;
  onPage = async (page) => {
    if (!isNews && page.some(({ event }) => event.stream === 'still')) {
      isNews = true;
      await temporary.insert(back);
      const batch = { number: 1, records: [back], removed: [], pushes: [] };
      thread.operations.takeBatch(batch, at(0));
    }
  };
  const alert = { window: '5m', threshold: 1, groupBy: ['node' as const] };
  thread.operations.setContext({ ...CONTEXT, alerts: { 'network/link-lost': alert } }, at(0));
  await expect.poll(() => turns.some(({ rereads }) => rereads > 0), { timeout: 20_000 }).toBe(true);
  expect(isNews).toBe(true);
  expect(await incidents()).toMatchObject([{ state: 'recovered', streams: 6, streamsDown: 0 }]);
});
