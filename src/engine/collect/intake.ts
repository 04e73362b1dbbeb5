import { createApiCaller, createCssClient } from '../../css/api/index.ts';
import { callbackEntry, parseCallback, verifyCallback } from '../../css/callbacks/index.ts';
import { importEntry } from '../../css/import/index.ts';
import type { JournalEntry } from '../../model/break.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { Store } from '../../store/store.ts';
import type { DerivedMark } from '../derive/derived-mark.ts';
import type { DeriverThread } from '../derive/deriver.ts';
import type { Account, Engine, EngineHooks, ImportedBatch } from '../engine.ts';
import { happenedAt, type Retention } from '../retention/retention.ts';
import type { AccountWatch } from './account-watch.ts';
import { startCallbackRecovery } from './callback-recovery.ts';
import { type Poller, startPoller } from './poller.ts';

/** What taking things in needs of the engine. */
export interface IntakeOptions {
  store: Store;
  accounts: readonly Account[];
  /** Of each account, by name. */
  watches: ReadonlyMap<string, AccountWatch>;
  retention: Retention;
  mark: DerivedMark;
  deriver: Pick<DeriverThread, 'wake' | 'idle' | 'apiSaid'>;
  hooks: Partial<EngineHooks>;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** The one way into the journal: callbacks, imports and polls. */
export interface Intake extends Pick<Engine, 'acceptCallback' | 'importRecords'> {
  /** Begins to poll the accounts that have credentials. A second call does nothing. */
  startPolling(): void;
  /** Ends polling: what is in hand is given up. */
  close(): Promise<void>;
}

/** Makes it; polling waits for its start. */
export function createIntake(options: IntakeOptions): Intake {
  const { store, accounts, watches, retention, mark, deriver, hooks, now } = options;
  const byName = new Map(accounts.map((account) => [account.name, account]));
  const pollers: Poller[] = [];

  /** @throws `UNKNOWN_ACCOUNT` */
  function accountOf(name: string): Account {
    const account = byName.get(name);
    if (!account) {
      throw maskedError('UNKNOWN_ACCOUNT', { account: name });
    }
    return account;
  }

  /** @returns how many of them the journal had before */
  async function append(account: string, entries: JournalEntry[]): Promise<number> {
    const appended = await store.append(entries);
    const duplicates = appended.filter((entry) => entry.duplicate).length;
    for (const { seq } of appended) {
      mark.journalled(seq);
    }
    const [first] = entries;
    if (first) {
      hooks.journalled?.(account, first.source, appended.length - duplicates, duplicates);
    }
    if (appended.length > duplicates) {
      deriver.wake();
    }
    return duplicates;
  }

  function collect(account: Account): Poller[] {
    const { name } = account;
    const watch = watches.get(name) as AccountWatch;
    const reaching = { ...account, backfillMs: Math.min(account.backfillMs, retention.reachMs) };
    return startCollecting(reaching, {
      store,
      watch,
      polled: (_name, durationMs, error) => {
        if (watch.apiState) {
          deriver.apiSaid(name, watch.apiState);
        }
        hooks.polled?.(name, durationMs, error);
      },
      accept: async (entries) => {
        const kept = entries.filter(
          (entry) => !retention.refusal(happenedAt(entry), name, entry.source),
        );
        await append(name, kept);
      },
      now,
    });
  }

  return {
    async acceptCallback(accountName, body, at = now()) {
      const { name, callbackKeys, pushKeys } = accountOf(accountName);
      const message = parseCallback(body);
      verifyCallback(message, callbackKeys, name, at);
      // Answered as taken: CSS would repeat it, and it stays too old.
      const { eventType } = message;
      const happened = eventType === 0 || eventType === 1 ? message.eventAt : null;
      if (retention.refusal(happened, name, 'callback')) {
        return { duplicate: true, eventType };
      }
      const entry = callbackEntry(name, message, at, pushKeys, callbackKeys);
      const duplicates = await append(name, [entry]);
      watches.get(name)?.calledBack(at, entry.key);
      return { duplicate: duplicates > 0, eventType };
    },

    async importRecords(accountName, records) {
      const { name, pushKeys, callbackKeys } = accountOf(accountName);
      const batch: ImportedBatch = { accepted: 0, duplicates: 0, rejected: [] };
      const entries: JournalEntry[] = [];
      for (const [index, record] of records.entries()) {
        try {
          const entry = importEntry(name, record, now(), pushKeys, callbackKeys);
          const tooOld = retention.refusal(happenedAt(entry), name, entry.source);
          if (tooOld) {
            throw tooOld;
          }
          entries.push(entry);
        } catch (thrown) {
          batch.rejected.push({ index, error: asBreakwatchError(thrown).toAnswer() });
        }
      }
      if (entries.length > 0) {
        const appended = await store.append(entries);
        batch.duplicates = appended.filter((entry) => entry.duplicate).length;
        batch.accepted = appended.length - batch.duplicates;
        await deriver.idle();
      }
      return batch;
    },

    startPolling() {
      if (pollers.length === 0) {
        pollers.push(...accounts.filter((account) => account.credentials).flatMap(collect));
      }
    },

    async close() {
      await Promise.all(pollers.map((poller) => poller.close()));
    },
  };
}

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
