import { Counter, Gauge, type Registry } from 'prom-client';
import type { AccountHealth } from '../model/health.ts';

const STATES = ['ok', 'unverified', 'blind', 'starting'] as const;

/**
 * Adds the metrics of collection, by account, to a registry.
 *
 * @returns sets them from the health of the accounts at a time, epoch ms UTC
 */
export function createAccountMetrics(
  registry: Registry,
): (accounts: readonly AccountHealth[], now: number) => void {
  const named = <T extends string>(name: string, help: string, labelNames: readonly T[]) => ({
    name: `breakwatch_${name}`,
    help,
    labelNames: [...labelNames],
    registers: [registry],
  });
  const pollAge = new Gauge(
    named('poll_age_seconds', 'Time since the last successful poll; absent before the first.', [
      'account',
    ]),
  );
  const callbackAge = new Gauge(
    named('callback_age_seconds', 'Time since the last accepted callback; absent before it.', [
      'account',
    ]),
  );
  const state = new Gauge(
    named('collection_state', 'State of collection: 1 at the current state, else 0.', [
      'account',
      'state',
    ]),
  );
  const blind = new Gauge(
    named('collection_blind', '1 when breaks of the account can not be seen, else 0.', ['account']),
  );
  const missed = new Gauge(
    named(
      'missed_callbacks',
      'Pushes that ended in the last hour, found by polling, without a callback.',
      ['account'],
    ),
  );
  const recovered = new Counter(
    named(
      'recovered_callbacks_total',
      "Missed callbacks looked up in CSS's records, by result: found or none.",
      ['account', 'result'],
    ),
  );
  const unreadable = new Counter(
    named(
      'callback_unreadable_fields_total',
      'Fields left out of accepted callbacks because their values cannot be used, by field.',
      ['account', 'field'],
    ),
  );
  const toRecover = new Gauge(
    named('callbacks_to_recover', 'Breaks whose missed callback has not been looked up yet.', [
      'account',
    ]),
  );
  const gaps = new Gauge(
    named('coverage_gaps', 'Gaps in collection that have not been read from the API afterwards.', [
      'account',
    ]),
  );
  const backfillRatio = new Gauge(
    named('backfill_ratio', 'Completed part of the back-fill, 0 to 1.', ['account']),
  );
  const backfillLeft = new Gauge(
    named('backfill_remaining_seconds', 'Length of the past that has not been read yet.', [
      'account',
    ]),
  );

  return (accounts, now) => {
    recovered.reset();
    unreadable.reset();
    for (const account of accounts) {
      const { account: name, lastPollAt, lastCallbackAt } = account;
      for (const one of STATES) {
        state.set({ account: name, state: one }, account.state === one ? 1 : 0);
      }
      blind.set({ account: name }, account.state === 'blind' ? 1 : 0);
      gaps.set({ account: name }, account.gaps?.filter((gap) => gap.filledAt === null).length ?? 0);
      for (const { field, count } of account.unreadableFields ?? []) {
        unreadable.inc({ account: name, field }, count);
      }
      if (account.recovery) {
        const { waiting, found, notFound } = account.recovery;
        toRecover.set({ account: name }, waiting);
        recovered.inc({ account: name, result: 'found' }, found);
        recovered.inc({ account: name, result: 'none' }, notFound);
      }
      if (account.backfill) {
        const { from, to, remainingMs } = account.backfill;
        backfillRatio.set({ account: name }, to > from ? 1 - remainingMs / (to - from) : 1);
        backfillLeft.set({ account: name }, remainingMs / 1_000);
      }
      if (typeof account.missedCallbacks === 'number') {
        missed.set({ account: name }, account.missedCallbacks);
      }
      if (lastPollAt !== null) {
        pollAge.set({ account: name }, Math.max(0, now - lastPollAt) / 1_000);
      }
      if (lastCallbackAt !== null) {
        callbackAge.set({ account: name }, Math.max(0, now - lastCallbackAt) / 1_000);
      }
    }
  };
}
