import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import type { Diagnoser } from '../../../src/diagnosis/run/create-diagnoser.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import { deriveJournal } from '../../helpers/derive-journal.ts';
import { loadShippedDiagnoser } from '../../helpers/shipped-diagnoser.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';

const NOON = Date.UTC(2026, 2, 1, 12);

interface End {
  stream: string;
  /** Seconds after noon. */
  at: number;
  errcode: number;
  errmsg: string;
  liveS?: number;
  app?: string;
  ip?: string;
}

const EXPIRED = { errcode: 18, errmsg: 'txTime expired', liveS: 0 };

let diagnoser: Diagnoser;
let temporary: TemporaryStore;
let accounts = 0;

beforeAll(async () => {
  diagnoser = await loadShippedDiagnoser();
  temporary = await openTemporaryStore();
});

afterAll(() => temporary.remove());

/** Derives ends in batches of this size, in an account and from addresses of their own. */
async function derive(ends: readonly End[], batch: number): Promise<Map<string, BreakRecord>> {
  accounts += 1;
  const account = `account-${accounts}`;
  const { store } = temporary;
  const found = new Map<string, BreakRecord>();
  for (let from = 0; from < ends.length; from += batch) {
    await store.append(
      ends.slice(from, from + batch).map((end) => {
        const { stream, at, errcode, errmsg, liveS = 3_600, app = 'live', ip = '7' } = end;
        const body = {
          event_type: 0,
          app: 'push.example.com',
          appname: app,
          stream_id: stream,
          sequence: `${stream}-${at}`,
          node: `192.0.${accounts}.1`,
          user_ip: `198.51.${accounts}.${ip}`,
          event_time: NOON / 1_000 + at,
          push_duration: String(liveS * 1_000),
          errcode,
          errmsg,
        };
        const arrivesAt = NOON + at * 1_000 + 500;
        return callbackEntry(account, parseCallback(body), arrivesAt, []);
      }),
    );
    await deriveJournal({ store, diagnoser, apiState: () => 'ok' }, 500, ({ breaks }) => {
      for (const record of breaks) {
        found.set(`${record.event.stream} ${(record.event.endedAt - NOON) / 1_000}`, record);
      }
    });
  }
  return found;
}

describe.each([
  ['one by one', 1],
  ['in one batch', 100],
])('counts of the same cause, %s', (_name, batch) => {
  it('does not take one looping URL and one lost connection for a failed uplink', async () => {
    const found = await derive(
      [
        { stream: 'a', at: 0, ...EXPIRED },
        { stream: 'a', at: 30, ...EXPIRED },
        { stream: 'a', at: 60, ...EXPIRED },
        { stream: 'b', at: 90, errcode: 4, errmsg: 'tcp closed' },
      ],
      batch,
    );
    const last = found.get('b 90') as BreakRecord;
    expect(last.event.facts).toMatchObject({
      breaksOfClientIp5m: 3,
      linkCutsOfAddress5m: 0,
      linkCutsOfNode5m: 0,
      sameReasonOfAddress5m: 0,
      sameReasonOfAccount5m: 0,
    });
    expect(last.verdict.rule.id).not.toBe('network/site-wide-cut');
    expect(last.verdict.severity).not.toBe('critical');
  });

  it('does not say that unrelated breaks of a domain have one cause', async () => {
    const others = Array.from({ length: 12 }, (_unused, index) => ({
      stream: `s${index}`,
      at: index,
      errcode: index % 2 === 0 ? 13 : 7,
      errmsg: 'broken',
      ip: String(100 + index),
    }));
    const arrears = { errcode: 18, errmsg: 'account in arrears', subErrcode: 202, liveS: 0 };
    const found = await derive([...others, { stream: 'x', at: 20, ...arrears }], batch);
    const last = found.get('x 20') as BreakRecord;
    expect(last.event.facts).toMatchObject({ breaksOfDomain5m: 12, sameReasonOfDomain5m: 0 });
    expect(last.verdict.rule.id).not.toBe('billing/arrears-storm');
  });

  it('counts each other stream once, by reason and place', async () => {
    const cut = { errcode: 13, errmsg: 'network' };
    const found = await derive(
      [
        { stream: 'a', at: 0, ...cut },
        { stream: 'a', at: 20, ...cut, liveS: 10 },
        { stream: 'b', at: 30, ...cut, app: 'show' },
        { stream: 'c', at: 40, ...cut, ip: '8' },
        { stream: 'd', at: 50, errcode: 8, errmsg: 'idle', liveS: 600 },
        { stream: 'old', at: -400, ...cut },
        { stream: 'e', at: 60, ...cut },
      ].sort((a, b) => a.at - b.at),
      batch,
    );
    expect(found.get('e 60')?.event.facts).toMatchObject({
      sameReasonOfAccount5m: 3,
      sameReasonOfDomain5m: 3,
      sameReasonOfApp5m: 2,
      sameReasonOfNode5m: 3,
      sameReasonOfAddress5m: 2,
      linkCutsOfNode5m: 4,
      linkCutsOfAddress5m: 3,
    });
    // The stream's own earlier break does not count.
    expect(found.get('a 20')?.event.facts).toMatchObject({ sameReasonOfAccount5m: 0 });
  });
});
