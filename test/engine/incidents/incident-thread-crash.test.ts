import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type IncidentWorker,
  type IncidentWorkerOptions,
  startIncidentWorker,
} from '../../../src/engine/incidents/incident-worker.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import type { StoredIncident } from '../../../src/model/incident.ts';
import { NO_MUTE_INTERVALS } from '../../../src/model/mute-intervals.ts';
import type { AlertNotice } from '../../../src/model/notice.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { at, refused } from '../../incidents/story.ts';

const CONTEXT = {
  pushesSince: { default: 0 },
  accounts: [],
  alerts: { 'auth/url-expired': { window: '5m', threshold: 1, groupBy: ['account' as const] } },
  mute: NO_MUTE_INTERVALS,
};

let temporary: TemporaryStore;
let worker: IncidentWorker;
let errors: string[];
let clock: number;

beforeEach(async () => {
  temporary = await openTemporaryStore();
  errors = [];
  clock = at(60);
});
afterEach(async () => {
  await worker.close();
  await temporary.remove();
});

function open(options: Partial<IncidentWorkerOptions> = {}): void {
  worker = startIncidentWorker({
    store: temporary.store.share,
    onError: ({ code, message }) => errors.push(`${code}: ${message}`),
    now: () => clock,
    ...options,
  });
  worker.know(CONTEXT);
}

async function bring(record: BreakRecord): Promise<void> {
  await temporary.insert(record);
  worker.take({ records: [record], removed: [], pushes: [] });
}

async function stored(kind: string) {
  return (await temporary.store.findDocuments({ kind, limit: 9 })).map(({ body }) => body);
}

it('hands a notice over before the alert is stored as sent, and again with the same id after a crash', async () => {
  const page = Promise.withResolvers<AlertNotice>();
  let storedBefore: unknown[] = [];
  open({
    accept: async ({ notices: [notice] }) => {
      if (notice) {
        storedBefore = [await stored('incident'), await stored('alert')];
        page.resolve(notice);
        // The outbox has it, and the answer never comes.
        await new Promise(() => undefined);
      }
    },
  });
  await bring(refused({ stream: 'shop-17', at: 40 }));
  await worker.idle();
  clock = at(120);
  // Answered only when the worker closes: the turn is never stored.
  void worker.idle();
  const first = await page.promise;
  expect(storedBefore[0]).toMatchObject([{ state: 'open' }]);
  expect(storedBefore[1]).not.toMatchObject([{ state: 'firing' }]);
  await worker.close();

  const again: AlertNotice[] = [];
  open({
    accept: async ({ notices }) => {
      again.push(...notices);
    },
  });
  await worker.idle();
  expect(again.map(({ id, kind }) => [id, kind])).toEqual([[first.id, 'page']]);
  expect(await stored('alert')).toMatchObject([{ state: 'firing' }]);
  expect(errors).toEqual([]);
});

it('tries again when the outbox takes nothing, and says so', async () => {
  let refusals = 1;
  const ids: string[] = [];
  open({
    accept: async ({ notices }) => {
      ids.push(...notices.map(({ id }) => id));
      if (notices.length > 0 && refusals > 0) {
        refusals -= 1;
        throw new Error('the outbox is full');
      }
    },
  });
  await bring(refused({ stream: 'shop-17', at: 40 }));
  await worker.idle();
  clock = at(120);
  await worker.idle();
  expect(worker.alerts()).toMatchObject([{ state: 'firing' }]);
  expect(ids).toHaveLength(2);
  expect(ids[0]).toBe(ids[1]);
  expect(errors).toEqual([expect.stringContaining('INTERNAL: ')]);
  expect(errors[0]).toContain('the outbox is full');
});

it('replaces a thread that dies, which finds in the store what the dead one was sent', async () => {
  open({ workerUrl: new URL('./mortal-incident-thread.ts', import.meta.url) });
  await bring(refused({ stream: 'shop-17', at: 40 }));
  await worker.idle();
  expect(await stored('incident')).toMatchObject([{ state: 'open', breaks: 1 }]);
  await bring(refused({ stream: 'die now', at: 45, domain: 'b.example.com' }));
  await expect.poll(() => errors.length, { timeout: 20_000 }).toBe(1);
  expect(errors[0]).toContain('"incidents" has ended');
  // It is asked while none runs.
  await worker.idle();
  const breaks = (await stored('incident')).map((one) => (one as StoredIncident).breaks);
  expect(breaks.reduce((sum, count) => sum + count, 0)).toBe(2);
  expect(worker.alerts().length).toBeGreaterThan(0);
});
