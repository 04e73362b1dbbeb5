import { callbackEntry } from '../css/callback-entry.ts';
import { createCssClient } from '../css/css-client.ts';
import { importEntry } from '../css/import-entry.ts';
import { parseCallback } from '../css/parse-callback.ts';
import { verifyCallback } from '../css/verify-callback.ts';
import { createDiagnoser } from '../diagnosis/create-diagnoser.ts';
import type { RuleSet } from '../diagnosis/rule.ts';
import type { BreakRecord } from '../model/break-record.ts';
import { asBreakwatchError, BreakwatchError } from '../model/errors.ts';
import type { JournalEntry } from '../model/journal-entry.ts';
import type { AnswerError } from '../model/query.ts';
import { answerQueries } from '../queries/answer-query.ts';
import { explainEntries } from '../queries/explain-entries.ts';
import { RuleTextCache } from '../queries/rule-text-cache.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './account.ts';
import { AccountWatch } from './account-watch.ts';
import { createDeriver } from './create-deriver.ts';
import { createLookupSource } from './create-lookup-source.ts';
import { DerivedMark } from './derived-mark.ts';
import type { Directory } from './directory.ts';
import type { Engine, EngineHooks, ImportedBatch } from './engine.ts';
import { type Poller, startPoller } from './poller.ts';

const VALUES_LIMIT = 1_000;
/** So often it is kept that callbacks can come in. */
const LISTENING_EVERY_MS = 60_000;

/** What an engine is made of. */
export interface EngineOptions {
  /** The engine closes it. */
  store: Store;
  rules: RuleSet;
  /** What is wrong with rule files that were left out; shown in health. */
  rulesError?: AnswerError | null;
  accounts: readonly Account[];
  /** Names streams by room and user; without it only the push URL does. The engine only reads it. */
  directory?: Directory;
  /** Version of Breakwatch, for health. */
  version: string;
  hooks?: Partial<EngineHooks>;
  /** Told of errors that nobody waits for, e.g. of a batch that will be tried again. */
  onError?: (error: BreakwatchError, where: string) => void;
  /** The clock, epoch ms UTC. */
  now?: () => number;
}

/** An engine whose polling waits until everything around it is ready. */
export interface StartableEngine extends Engine {
  /** Begins to poll the accounts that have credentials. A second call does nothing. */
  startPolling(): void;
  /**
   * Judges what comes from now on by other rules. What is stored keeps its verdict.
   *
   * @throws `STORE_FAILED`, and then the rules in force stay
   */
  replaceRules(rules: RuleSet): Promise<void>;
  /** Says in health why newer rules are not in force; null when all is well again. */
  rulesFailed(error: AnswerError | null): void;
  /** Resolves when everything in the journal is derived. */
  idle(): Promise<void>;
}

interface BreakListener {
  changed: (record: BreakRecord) => void;
  removed: ((id: string) => void) | undefined;
}

/**
 * Puts store, rules and accounts together. What the journal holds and nobody derived yet (after a
 * crash, say) is derived at once.
 *
 * @throws `STORE_FAILED`
 */
export async function createEngine(options: EngineOptions): Promise<StartableEngine> {
  const { store, accounts, hooks = {}, now = Date.now } = options;
  const onError = options.onError ?? (() => undefined);
  const startedAt = now();
  let inForce = await putInForce(options.rules);
  let rulesError = options.rulesError ?? null;
  const byName = new Map(accounts.map((account) => [account.name, account]));
  const watches = new Map<string, AccountWatch>();
  for (const account of accounts) {
    const keepFailed = (thrown: unknown) => onError(asBreakwatchError(thrown), 'coverage');
    const watch = await AccountWatch.open(account, store, startedAt, keepFailed);
    watches.set(account.name, watch);
  }
  const listening = setInterval(() => {
    for (const watch of watches.values()) {
      watch.listening(now());
    }
  }, LISTENING_EVERY_MS);
  listening.unref();
  const texts = new RuleTextCache(store);
  const listeners = new Set<BreakListener>();
  const pollers: Poller[] = [];
  const mark = new DerivedMark();

  const deriver = createDeriver(
    {
      store,
      get diagnoser() {
        return inForce.diagnoser;
      },
      apiState: (account) => watches.get(account)?.apiState,
      namesOf: (stream, told) =>
        options.directory?.factsOf({ ...stream, bizid: byName.get(stream.account)?.bizid }, told) ??
        {},
    },
    ({ records, removed, entries, cursor, durationMs }) => {
      mark.derived(cursor);
      hooks.derived?.(entries, durationMs, null);
      for (const watch of watches.values()) {
        for (const id of removed) {
          watch.removed(id);
        }
      }
      for (const record of records) {
        watches.get(record.event.account)?.derived(record);
      }
      for (const listener of listeners) {
        for (const id of removed) {
          listener.removed?.(id);
        }
        for (const record of records) {
          listener.changed(record);
        }
      }
    },
    (thrown) => {
      const error = asBreakwatchError(thrown);
      hooks.derived?.(0, 0, error);
      onError(error, 'derive');
    },
  );
  deriver.wake();

  async function putInForce(rules: RuleSet) {
    const diagnoser = createDiagnoser(rules);
    // The words are kept before the first verdict that needs them.
    await store.putRuleTexts(diagnoser.texts());
    return { rules, diagnoser, lookup: createLookupSource(diagnoser), loadedAt: now() };
  }

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

  function poll(account: Account): Poller {
    const watch = watches.get(account.name) as AccountWatch;
    const { name, site, endpoint, credentials } = account;
    return startPoller({
      account: name,
      client: createCssClient({
        account: name,
        site,
        ...(endpoint === undefined ? {} : { endpoint }),
        secretId: credentials?.secretId ?? '',
        secretKey: credentials?.secretKey ?? '',
      }),
      store,
      pollSeconds: account.pollSeconds,
      backfillMs: account.backfillMs,
      now,
      accept: async (entries) => {
        await append(name, entries);
      },
      onState: (state) => {
        watch.polled(state);
        hooks.polled?.(name, state.durationMs ?? 0, state.error ?? null);
      },
    });
  }

  return {
    async acceptCallback(accountName, body, at = now()) {
      const account = byName.get(accountName);
      if (!account) {
        throw new BreakwatchError('UNKNOWN_ACCOUNT', { account: accountName });
      }
      const message = parseCallback(body);
      verifyCallback(message, account.callbackKeys, account.name, at);
      const entry = callbackEntry(account.name, message, at, account.pushKeys);
      const duplicates = await append(account.name, [entry]);
      watches.get(account.name)?.calledBack(at);
      return { duplicate: duplicates > 0 };
    },

    async importRecords(accountName, records) {
      const account = byName.get(accountName);
      if (!account) {
        throw new BreakwatchError('UNKNOWN_ACCOUNT', { account: accountName });
      }
      const batch: ImportedBatch = { accepted: 0, duplicates: 0, rejected: [] };
      const entries: JournalEntry[] = [];
      for (const [index, record] of records.entries()) {
        try {
          entries.push(importEntry(accountName, record, now(), account.pushKeys));
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

    async breaks({ range, filters, limit, after }) {
      await mark.caughtUp();
      const records = await store.findBreaks({
        range,
        filters,
        limit,
        ...(after ? { after } : {}),
      });
      return {
        records,
        texts: await texts.get(records.map((record) => record.verdict.rule.hash)),
      };
    },

    ruleTexts: (hashes) => texts.get(hashes),
    lookup: (text) => explainEntries(text, inForce.lookup),
    async query(request, signal) {
      await mark.caughtUp();
      return answerQueries(request, { store, texts, lookup: inForce.lookup, now }, signal);
    },
    values: (name, range) => store.values(name, range, VALUES_LIMIT),

    async health() {
      const counts = await store.counts();
      const accountHealth = [...watches.values()].map((watch) => watch.health(now()));
      return {
        ok: !rulesError && accountHealth.every((account) => account.state !== 'blind'),
        version: options.version,
        accounts: accountHealth,
        rules: {
          set: inForce.rules.hash,
          count: inForce.rules.rules.length,
          loadedAt: inForce.loadedAt,
          error: rulesError,
        },
        store: { kind: store.kind, ...counts },
      };
    },

    subscribe(changed, removed) {
      const listener = { changed, removed };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    startPolling() {
      if (pollers.length === 0) {
        pollers.push(...accounts.filter((account) => account.credentials).map(poll));
      }
    },

    async replaceRules(rules) {
      inForce = await putInForce(rules);
      rulesError = null;
    },

    rulesFailed(error) {
      rulesError = error;
    },

    idle: () => deriver.idle(),

    async close() {
      clearInterval(listening);
      listeners.clear();
      await Promise.all(pollers.map((poller) => poller.close()));
      await deriver.close();
      await store.close();
    },
  };
}
