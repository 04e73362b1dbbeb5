import { describe, expect, it } from 'vitest';
import { CollectionStatus } from '../../../src/engine/collect/collection-status.ts';
import type { PollStatus } from '../../../src/engine/collect/poll-account.ts';
import type { Account } from '../../../src/engine/engine.ts';
import type { ErrorCode } from '../../../src/model/error-catalogue.ts';
import { maskedError } from '../../../src/secrets/masked-error.ts';
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
const poll = (lastPollAt: number | null): PollStatus => ({
  lastPollAt,
  liveListAt: null,
  error: null,
  durationMs: 1,
  backfill: null,
  unreadable: 0,
});

describe('CollectionStatus after the clock was set', () => {
  it('an hour back reports a blind account a minute later, although polls repeat the last success', () => {
    const status = new CollectionStatus(ACCOUNT, NOON);
    status.polled(poll(NOON + MINUTE));
    expect(status.health(NOON + MINUTE).state).toBe('ok');
    const back = NOON - HOUR;
    expect(status.health(back)).toMatchObject({ state: 'ok', lastPollAt: back });
    status.polled(poll(NOON + MINUTE));
    expect(status.health(back + 2 * MINUTE)).toMatchObject({
      state: 'blind',
      gaps: [{ from: back, to: null }],
    });
    status.polled(poll(back + 3 * MINUTE));
    expect(status.health(back + 3 * MINUTE).state).toBe('ok');
  });

  it('back before the first poll reports a blind account a minute later', () => {
    const status = new CollectionStatus(ACCOUNT, NOON);
    expect(status.health(NOON - HOUR).state).toBe('starting');
    expect(status.health(NOON - HOUR + 2 * MINUTE).state).toBe('blind');
  });

  it('is blind at once with a wrong key, and starting with an error that may end', () => {
    const status = new CollectionStatus(ACCOUNT, NOON);
    const failed = (code: ErrorCode) =>
      status.polled({ ...poll(NOON), lastPollAt: null, error: maskedError(code, {}) });
    failed('CSS_UNREACHABLE');
    expect(status.health(NOON + 1_000).state).toBe('starting');
    failed('CSS_CREDENTIALS');
    expect(status.health(NOON + 1_000).state).toBe('blind');
    status.polled(poll(NOON + 2_000));
    expect(status.health(NOON + 2_000)).toMatchObject({ state: 'ok', callbacks: false });
    // One refusal after a success may be a mistake of CSS.
    status.polled({ ...poll(NOON + 2_000), error: maskedError('CSS_CREDENTIALS', {}) });
    expect(status.health(NOON + 12_000).state).toBe('ok');
  });

  it('an hour ahead is ok with the next poll', () => {
    const status = new CollectionStatus(ACCOUNT, NOON);
    status.polled(poll(NOON));
    status.polled(poll(NOON + HOUR));
    expect(status.health(NOON + HOUR)).toMatchObject({ state: 'ok', gaps: [{ from: NOON }] });
  });
});
