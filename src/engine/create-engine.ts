import type { AlertOutcome } from '../alerts/judge/alert-input.ts';
import { callbackEntry } from '../css/callback-entry.ts';
import { importEntry } from '../css/import-entry.ts';
import { parseCallback } from '../css/parse-callback.ts';
import { verifyCallback } from '../css/verify-callback.ts';
import { createDiagnoser } from '../diagnosis/create-diagnoser.ts';
import type { RuleSet } from '../diagnosis/rule.ts';
import type { BreakRecord } from '../model/break-record.ts';
import { asBreakwatchError, BreakwatchError } from '../model/errors.ts';
import type { JournalEntry } from '../model/journal-entry.ts';
import type { AnswerError } from '../model/query.ts';
import { maintenanceAt } from '../model/quiet-times.ts';
import { answerQueries } from '../queries/answer-query.ts';
import { explainEntries } from '../queries/explain-entries.ts';
import { LOOK_BACK_MS } from '../queries/read-history.ts';
import { RuleTextCache } from '../queries/rule-text-cache.ts';
import type { Store, TimeRange } from '../store/store.ts';
import type { Account } from './account.ts';
import { AccountWatch } from './collect/account-watch.ts';
import type { Poller } from './collect/poller.ts';
import { startCollecting } from './collect/start-collecting.ts';
import { createLookupSource } from './create-lookup-source.ts';
import type { DerivedNote } from './derive/create-deriver.ts';
import { DerivedMark } from './derive/derived-mark.ts';
import type { BreakPlace } from './derive/rediagnose.ts';
import { startDeriver } from './derive/start-deriver.ts';
import type { Directory } from './directory.ts';
import type { Engine, EngineHooks, ImportedBatch } from './engine.ts';
import { createEvidenceSource } from './evidence/evidence-source.ts';
import { createIncidentDesk } from './incidents/incident-desk.ts';
import { openKeeper } from './incidents/open-keeper.ts';
import { happenedAt } from './retention/happened-at.ts';
import { Retention } from './retention/retention.ts';
import type { WatchedQuietTimes } from './watch-quiet-times.ts';

const DAY_MS = 86_400_000;
const VALUES_LIMIT = 1_000;
/** Breaks judged anew between two batches; callbacks' breaks wait for so many. */
const REJUDGED_AT_ONCE = 500;
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
  /** When breaks need not be told of; without it always. The engine only reads it. */
  quiet?: WatchedQuietTimes;
  /** The file of the thread that derives; a bundle names its own. */
  deriveWorkerUrl?: URL | undefined;
  /** The file of the thread that keeps incidents; a bundle names its own. */
  keeperWorkerUrl?: URL | undefined;
  /** Takes what has to be told; nobody is told without it. What it has taken it does not lose. */
  alerts?:
    | { take(outcome: Pick<AlertOutcome, 'instances' | 'notices'>): Promise<void> }
    | undefined;
  /** Version of Breakwatch, for health. */
  version: string;
  /** Days that are kept; what is older is taken away. For ever when 0 or absent. */
  keepDays?: number;
  /** Told what a purge takes away. */
  onPurge?: (message: string) => void;
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
   * Judges what comes from now on by other rules, and what is still down. Other history keeps its
   * verdicts until the rules are applied to it.
   *
   * @throws `STORE_FAILED`, and then the rules in force stay
   */
  replaceRules(rules: RuleSet): Promise<void>;
  /** Says in health why newer rules are not in force; null when all is well again. */
  rulesFailed(error: AnswerError | null): void;
  /** Resolves when everything in the journal is derived. */
  idle(): Promise<void>;
  /** Takes away what is old now, as is done every hour. */
  purge(): Promise<void>;
  /** Resolves when all of it is grouped into incidents too, and judged, stored and told. */
  settled(): Promise<void>;
}

async function countBreaks(store: Store, range: TimeRange, now: number): Promise<number> {
  const search = { range, filters: {}, groupBy: [], stepMs: DAY_MS, limit: 1, now };
  const [all] = await store.series({ ...search, measure: 'count' });
  return [...(all?.points ?? [])].reduce((sum, count) => sum + count, 0);
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
  const retention = new Retention({
    store,
    keepDays: options.keepDays ?? 0,
    hooks,
    onNews: options.onPurge ?? (() => undefined),
    onError: (error) => onError(error, 'purge'),
    now,
  });
  const evidence = createEvidenceSource({ store, accounts, now });

  const { directory, quiet, alerts } = options;
  const keeper = openKeeper({
    store,
    texts,
    watches,
    rules: options.rules,
    quiet,
    workerUrl: options.keeperWorkerUrl,
    take: alerts && ((outcome) => alerts.take(outcome)),
    onError: (error) => onError(error, 'incidents'),
    now,
  });
  const deriver = startDeriver({
    store: store.share,
    rules: options.rules,
    names: directory?.names ?? new Map(),
    bizids: new Map(accounts.flatMap(({ name, bizid }) => (bizid ? [[name, bizid]] : []))),
    workerUrl: options.deriveWorkerUrl,
    onDerived: noteDerived,
    onError: (error) => {
      mark.failed();
      hooks.derived?.(0, 0, error);
      onError(error, 'derive');
    },
  });
  directory?.onChange?.(() => deriver.setNames(directory.names));

  function noteDerived(note: DerivedNote): void {
    const { records, removed, entries, cursor, durationMs } = note;
    mark.derived(cursor);
    keeper.take(note);
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
  }

  /** Which accounts nothing can be seen of. */
  function sightOf() {
    return [...watches].map(([account, watch]) => ({
      account,
      blind: watch.health(now()).state === 'blind',
    }));
  }

  async function putInForce(rules: RuleSet) {
    const diagnoser = createDiagnoser(rules);
    // The words are kept before the first verdict that needs them.
    await store.putRuleTexts(diagnoser.texts());
    return { rules, lookup: createLookupSource(diagnoser), loadedAt: now() };
  }

  /** What is down right now follows the rules in force; the rest of history waits for `applyRules`. */
  async function rejudgeOpen(): Promise<void> {
    const at = now();
    const range = { from: at - LOOK_BACK_MS, to: at + 1 };
    for (let after: BreakPlace | null | undefined; after !== null; ) {
      const request = { range, openOnly: true, limit: REJUDGED_AT_ONCE, at };
      const piece = await deriver.rediagnose({ ...request, ...(after && { after }) });
      after = piece.next;
    }
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

  function collect(account: Account): Poller[] {
    const watch = watches.get(account.name) as AccountWatch;
    const reaching = { ...account, backfillMs: Math.min(account.backfillMs, retention.reachMs) };
    return startCollecting(reaching, {
      store,
      watch,
      polled: (name, durationMs, error) => {
        if (watch.apiState) {
          deriver.apiSaid(name, watch.apiState);
        }
        hooks.polled?.(name, durationMs, error);
      },
      accept: async (entries) => {
        const { name } = account;
        const kept = entries.filter(
          (entry) => !retention.refusal(happenedAt(entry), name, entry.source),
        );
        await append(name, kept);
      },
      now,
    });
  }

  // Whoever asks right after the first callback should not wait for a thread to start as well.
  await deriver.started;
  retention.start();

  return {
    async acceptCallback(accountName, body, at = now()) {
      const account = byName.get(accountName);
      if (!account) {
        throw new BreakwatchError('UNKNOWN_ACCOUNT', { account: accountName });
      }
      const message = parseCallback(body);
      verifyCallback(message, account.callbackKeys, account.name, at);
      // Answered as taken: CSS would repeat it, and it stays too old.
      const { eventType } = message;
      const happened = eventType === 0 || eventType === 1 ? message.eventAt : null;
      if (retention.refusal(happened, account.name, 'callback')) {
        return { duplicate: true, eventType };
      }
      const entry = callbackEntry(
        account.name,
        message,
        at,
        account.pushKeys,
        account.callbackKeys,
      );
      const duplicates = await append(account.name, [entry]);
      watches.get(account.name)?.calledBack(at, entry.key);
      return { duplicate: duplicates > 0, eventType: message.eventType };
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
          const { pushKeys, callbackKeys } = account;
          const entry = importEntry(accountName, record, now(), pushKeys, callbackKeys);
          const tooOld = retention.refusal(happenedAt(entry), accountName, entry.source);
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

    async applyRules({ range, after, limit }) {
      const { hash: ruleSet } = inForce.rules;
      const at = now();
      const total = after ? null : await countBreaks(store, range, at);
      const piece = await deriver.rediagnose({ range, limit, at, ...(after && { after }) });
      const { read, changed, next } = piece;
      return { read, changed, next, total, ruleSet };
    },

    earlierVerdicts: (id) => store.earlierVerdicts(id),
    evidence: (breakId, language) => evidence.of(breakId, language),
    ruleTexts: (hashes) => texts.get(hashes),
    lookup: (text) => explainEntries(text, inForce.lookup),
    async query(request, signal) {
      await mark.caughtUp();
      const pushesSince = (account: string) => watches.get(account)?.pushesSince ?? null;
      const alerts = async () => ({ instances: keeper.alerts(), accounts: sightOf() });
      const sight = () => [...watches.values()].map((watch) => watch.health(now()));
      const context = { store, texts, lookup: inForce.lookup, now, pushesSince, alerts, sight };
      return answerQueries(request, context, signal);
    },
    values: (name, range) => store.values(name, range, VALUES_LIMIT),

    async health() {
      const counts = await store.counts();
      const accountHealth = [...watches.values()].map((watch) => watch.health(now()));
      return {
        ok:
          !rulesError &&
          !quiet?.error &&
          accountHealth.every((account) => account.state !== 'blind'),
        version: options.version,
        accounts: accountHealth,
        rules: {
          set: inForce.rules.hash,
          count: inForce.rules.rules.length,
          loadedAt: inForce.loadedAt,
          error: rulesError,
        },
        store: { kind: store.kind, ...counts },
        retention: await retention.health(),
        ...(quiet
          ? {
              quiet: {
                entries: quiet.times.entries.length,
                now: maintenanceAt(quiet.times, now()),
                error: quiet.error,
              },
            }
          : {}),
      };
    },

    subscribe(changed, removed) {
      const listener = { changed, removed };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    startPolling() {
      if (pollers.length === 0) {
        pollers.push(...accounts.filter((account) => account.credentials).flatMap(collect));
      }
    },

    async replaceRules(rules) {
      inForce = await putInForce(rules);
      deriver.setRules(rules);
      keeper.setRules(rules);
      rulesError = null;
      await rejudgeOpen();
    },

    rulesFailed(error) {
      rulesError = error;
    },

    ...createIncidentDesk({ store, alerts: keeper.alerts, now }),

    idle: () => deriver.idle(),
    purge: () => retention.purge(),
    async settled() {
      await deriver.idle();
      await keeper.idle();
    },

    async close() {
      clearInterval(listening);
      retention.close();
      listeners.clear();
      evidence.close();
      await Promise.all(pollers.map((poller) => poller.close()));
      await deriver.close();
      await keeper.close();
      await store.close();
    },
  };
}
