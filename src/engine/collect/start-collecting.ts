import { createApiCaller } from '../../css/api/api-caller.ts';
import { createCssClient } from '../../css/api/css-client.ts';
import type { JournalEntry } from '../../model/journal-entry.ts';
import type { Store } from '../../store/store.ts';
import type { Account } from '../account.ts';
import type { EngineHooks } from '../engine.ts';
import type { AccountWatch } from './account-watch.ts';
import { startCallbackRecovery } from './callback-recovery.ts';
import { type Poller, startPoller } from './poller.ts';

/** What collecting from the API needs of the engine. */
export interface CollectingContext {
  store: Store;
  watch: AccountWatch;
  polled: EngineHooks['polled'] | undefined;
  /** Takes new entries and resolves once they are on disk. */
  accept: (entries: JournalEntry[]) => Promise<void>;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/**
 * Starts all that asks the API about one account: polling, and, where callbacks are expected too,
 * looking up those that never came.
 *
 * @param account - with credentials
 */
export function startCollecting(account: Account, context: CollectingContext): Poller[] {
  const { store, watch, polled, accept, now } = context;
  const { name, site, endpoint, credentials } = account;
  const access = {
    account: name,
    site,
    ...(endpoint === undefined ? {} : { endpoint }),
    secretId: credentials?.secretId ?? '',
    secretKey: credentials?.secretKey ?? '',
  };
  const started: Poller[] = [
    startPoller({
      account: name,
      client: createCssClient(access),
      store,
      pollSeconds: account.pollSeconds,
      backfillMs: account.backfillMs,
      now,
      accept,
      onState: (state) => {
        watch.polled(state);
        polled?.(name, state.durationMs, state.error);
      },
    }),
  ];
  if (watch.unreported) {
    started.push(
      startCallbackRecovery({
        account: name,
        caller: createApiCaller(access),
        keys: account,
        unreported: watch.unreported,
        onNote: (note) => watch.recovered(note, now()),
        known: (entries) => store.journalEntries(name, entries),
        accept,
        now,
      }),
    );
  }
  return started;
}
