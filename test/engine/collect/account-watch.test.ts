import { describe, expect, it } from 'vitest';
import { AccountWatch } from '../../../src/engine/collect/account-watch.ts';
import type { PollState } from '../../../src/engine/collect/poller.ts';
import type { Account } from '../../../src/engine/engine.ts';
import { NOON } from '../../helpers/arrived-end.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const ACCOUNT: Account = {
  name: 'shop',
  site: 'cn',
  callbackKeys: [],
  pushKeys: [],
  credentials: { secretId: 'id', secretKey: 'key' },
  backfillMs: 0,
  pollSeconds: 10,
};
const poll = (lastPollAt: number | null): PollState => ({
  lastPollAt,
  error: null,
  durationMs: 1,
  backfill: null,
  unreadable: 0,
});

describe('the watch of an account whose clock is set', () => {
  it('an hour back tells blindness a minute later, though polls still name the last good one', () => {
    const watch = new AccountWatch(ACCOUNT, NOON);
    watch.polled(poll(NOON + MINUTE));
    expect(watch.health(NOON + MINUTE).state).toBe('ok');
    const back = NOON - HOUR;
    expect(watch.health(back)).toMatchObject({ state: 'ok', lastPollAt: back });
    watch.polled(poll(NOON + MINUTE));
    expect(watch.health(back + 2 * MINUTE)).toMatchObject({
      state: 'blind',
      gaps: [{ from: back, to: null }],
    });
    watch.polled(poll(back + 3 * MINUTE));
    expect(watch.health(back + 3 * MINUTE).state).toBe('ok');
  });

  it('back before the first poll tells blindness a minute later', () => {
    const watch = new AccountWatch(ACCOUNT, NOON);
    expect(watch.health(NOON - HOUR).state).toBe('starting');
    expect(watch.health(NOON - HOUR + 2 * MINUTE).state).toBe('blind');
  });

  it('an hour ahead is well again with the next poll', () => {
    const watch = new AccountWatch(ACCOUNT, NOON);
    watch.polled(poll(NOON));
    watch.polled(poll(NOON + HOUR));
    expect(watch.health(NOON + HOUR)).toMatchObject({ state: 'ok', gaps: [{ from: NOON }] });
  });
});
