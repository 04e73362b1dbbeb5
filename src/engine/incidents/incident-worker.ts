import type { AlertAccount, AlertOutcome } from '../../alerts/judge/alert-input.ts';
import type { RuleSet } from '../../diagnosis/rule.ts';
import { stripRecord } from '../../incidents/strip-record.ts';
import type { AlertInstance } from '../../model/alert.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { type MuteIntervals, NO_MUTE_INTERVALS } from '../../model/mute-intervals.ts';
import type { Push } from '../../model/push.ts';
import type { StoreShare } from '../../store/store.ts';
import { uncarry } from '../../threads/channel.ts';
import { startThread } from '../../threads/start-thread.ts';
import type { CollectionStatus } from '../collect/collection-status.ts';
import type { LateBreaks } from '../late-breaks.ts';
import type { WatchedMuteIntervals } from '../watch-mute-intervals.ts';
import type {
  IncidentContext,
  IncidentListener,
  IncidentOperations,
  IncidentThreadData,
  IncidentTurnFigures,
} from './incident-messages.ts';
import { HISTORY_MS, packBreak } from './packed-break.ts';

/** A thread that is busy with a large turn does not hold up the end of the engine, ms. */
const TERMINATE_AFTER_MS = 5_000;

/** What the incident worker needs. */
export interface IncidentWorkerOptions {
  /** The open store: the thread opens it once more. */
  store: StoreShare;
  /** The thread's file; tests use one that fails. */
  workerUrl?: URL | undefined;
  /**
   * Accepts alerts and the notices to send, before they are stored as sent. It must not lose accepted
   * notices, and must ignore a notice whose id it already knows.
   */
  accept?: ((outcome: Pick<AlertOutcome, 'instances' | 'notices'>) => Promise<void>) | undefined;
  /** Called after each turn that is stored. */
  onTurn?: ((figures: IncidentTurnFigures) => void) | undefined;
  /** Called with background errors; what failed is tried again. */
  onError: (error: BreakwatchError) => void;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** Keeps current incidents and alerts, in a thread of its own, and stores them. */
export interface IncidentWorker {
  /** Takes a batch of derived breaks that is stored already, and those of it that came too late to be grouped. */
  take(batch: {
    records: BreakRecord[];
    removed: string[];
    pushes: Push[];
    late?: LateBreaks | undefined;
  }): void;
  /** Sets what the rest of the engine knows; called again whenever that changes. */
  know(context: IncidentContext): void;
  /** Current alerts, and those that were resolved within a day. */
  alerts(): AlertInstance[];
  /** Resolves when all that was taken is grouped, judged and stored, and when it is closed. */
  idle(): Promise<void>;
  /** Stops. What is not stored is computed again by the next one. */
  close(): Promise<void>;
}

/**
 * Starts the incident worker. It continues from what is stored. A thread that stops is replaced, and
 * the new one continues from what is stored as well.
 */
export function startIncidentWorker(options: IncidentWorkerOptions): IncidentWorker {
  const { store, onError, now } = options;
  let context: IncidentContext | undefined;
  let number = 0;
  /** Alerts of the turn that is stored, by id. */
  let alerts = new Map<string, AlertInstance>();
  /** Alerts of the turn that is being stored, by id. */
  let nextAlerts = new Map<string, AlertInstance>();
  let waiting: { number: number; resolve: () => void }[] = [];
  const listener: IncidentListener = {
    alertsChanged(changed) {
      for (const alert of changed) {
        nextAlerts.set(alert.id, alert);
      }
    },
    loaded() {
      alerts = new Map(nextAlerts);
    },
    async handOver({ notices, forgotten }) {
      for (const id of forgotten) {
        nextAlerts.delete(id);
      }
      await options.accept?.({ instances: [...nextAlerts.values()], notices });
    },
    turned({ number: done, figures }) {
      alerts = new Map(nextAlerts);
      options.onTurn?.(figures);
      for (const asker of waiting.filter((one) => one.number <= done)) {
        asker.resolve();
      }
      waiting = waiting.filter((one) => one.number > done);
      if (waiting.length > 0) {
        thread.notify('hurry');
      }
    },
    failed: (error) => onError(uncarry(error)),
  };
  const thread = startThread<IncidentOperations>({
    url: options.workerUrl ?? new URL('./incident-thread.ts', import.meta.url),
    name: 'incidents',
    data: (): IncidentThreadData => ({ store }),
    operations: { ...listener },
    errorCode: 'INTERNAL',
    // What a turn makes lives until its end. With less room, V8 would copy it several times meanwhile.
    resourceLimits: { maxYoungGenerationSizeMb: 48, maxOldGenerationSizeMb: 1_024 },
    retryFirstStart: true,
    terminateAfterMs: TERMINATE_AFTER_MS,
    onReady() {
      nextAlerts = new Map();
      thread.notify('begin', { context, number, now: now() });
      if (waiting.length > 0) {
        thread.notify('hurry');
      }
    },
    onStop: onError,
  });

  function send(
    records: BreakRecord[],
    removed: string[],
    pushes: Push[],
    late?: LateBreaks,
  ): void {
    number += 1;
    const at = now();
    const isOld = ({ event }: BreakRecord) => event.endedAt < at - HISTORY_MS;
    const recent = records.filter((record) => !isOld(record)).map(stripRecord);
    const old = records.filter(isOld).map(packBreak);
    thread.notify('takeBatch', { number, records: recent, old, removed, pushes, late }, at);
  }

  return {
    take: ({ records, removed, pushes, late }) => send(records, removed, pushes, late),
    know(news) {
      context = news;
      thread.notify('setContext', context, now());
    },
    alerts: () => [...alerts.values()],
    idle() {
      // Time alone can change an incident, so a turn runs even when nothing is new.
      send([], [], []);
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ number, resolve });
      thread.notify('hurry');
      return promise;
    },
    async close() {
      await thread.end();
      for (const { resolve } of waiting.splice(0)) {
        resolve();
      }
    },
  };
}

/** How often the states of accounts are compared, ms. */
const COMPARE_EVERY_MS = 5_000;

/** What the incident worker of an engine needs. */
export interface OpenIncidentWorkerOptions extends IncidentWorkerOptions {
  watches: ReadonlyMap<string, CollectionStatus>;
  rules: RuleSet;
  /** Maintenance windows and expected schedules; none when absent. */
  mute?: WatchedMuteIntervals | undefined;
}

/** An incident worker that follows the states of accounts and the rules in force. */
export interface ManagedIncidentWorker extends Omit<IncidentWorker, 'know'> {
  /** Judges alerts by these rules from now on. */
  setRules(rules: RuleSet): void;
}

/** Starts the incident worker and passes on changes of accounts, rules and mute intervals. */
export function openIncidentWorker(options: OpenIncidentWorkerOptions): ManagedIncidentWorker {
  const { watches, mute, now } = options;
  const startedAt = now();
  let { rules } = options;
  let last = '';
  const incidentWorker = startIncidentWorker(options);
  const update = (): void => {
    const context = buildIncidentContext({ watches, rules, mute: mute?.times, startedAt }, now());
    const text = JSON.stringify(context);
    if (text !== last) {
      last = text;
      incidentWorker.know(context);
    }
  };
  update();
  mute?.onChange(update);
  const comparing = setInterval(update, COMPARE_EVERY_MS);
  comparing.unref();
  return {
    ...incidentWorker,
    setRules(next) {
      rules = next;
      update();
    },
    async close() {
      clearInterval(comparing);
      await incidentWorker.close();
    },
  };
}

/** Where the context of the incident worker comes from. */
interface IncidentContextSources {
  watches: ReadonlyMap<string, CollectionStatus>;
  rules: RuleSet;
  mute?: MuteIntervals | undefined;
  /** When the engine started, epoch ms UTC: no collection could be down before. */
  startedAt: number;
}

/** Builds the context of the incident worker, as plain data that crosses threads. */
function buildIncidentContext(
  { watches, rules, mute, startedAt }: IncidentContextSources,
  now: number,
): IncidentContext {
  const accounts = [...watches].map(([account, watch]): AlertAccount => {
    const { state, lastPollAt } = watch.health(now);
    const blind = state === 'blind';
    const service =
      watch.apiState === 'stopped' ? 'stopped' : watch.apiState === 'ok' ? 'ok' : 'unknown';
    const blindSince = blind ? (lastPollAt ?? startedAt) : null;
    return { account, blind, blindSince, service, liveListAt: watch.liveListAt };
  });
  return {
    pushesSince: Object.fromEntries(
      [...watches].map(([account, watch]) => [account, watch.pushesSince]),
    ),
    accounts,
    alerts: Object.fromEntries(
      rules.rules.flatMap(({ id, event }) =>
        event.params.alert ? [[id, event.params.alert] as const] : [],
      ),
    ),
    mute: mute ?? NO_MUTE_INTERVALS,
  };
}
