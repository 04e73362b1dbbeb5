import type { RuleSet } from '../../diagnosis/rule.ts';
import type { AlertInstance } from '../../model/alert.ts';
import { RuleTextCache } from '../../queries/cause-texts.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { SharedStore } from '../../store/shared-store.ts';
import { CloseStack } from '../close-stack.ts';
import { createCollector } from '../collect/collector.ts';
import { createAnswers } from '../create-answers.ts';
import type { EngineOptions, StartableEngine } from '../create-engine.ts';
import { DeriveProgress } from '../derive/derive-progress.ts';
import type { ImportedBatch } from '../engine.ts';
import { createIncidentService } from '../incidents/incident-service.ts';
import { readDocuments } from '../incidents/load-incident-memory.ts';
import { startQueryWorkers } from '../queries/query-workers.ts';
import { Retention } from '../retention.ts';
import { FollowedAccount } from './followed-accounts.ts';
import { FollowedRules } from './followed-rules.ts';
import { type LeaderNote, readNote } from './leader-note.ts';

/** How often it is looked how far the journal is derived, ms. */
const LOOK_EVERY_MS = 250;
/** Alerts are read again for a query when they are older than this, ms. */
const ALERTS_FOR_MS = 1_000;

/** What a server needs that does not lead. */
export interface FollowerOptions
  extends Pick<
    EngineOptions,
    | 'accounts'
    | 'mute'
    | 'queryLimits'
    | 'answersWaitMs'
    | 'version'
    | 'keepDays'
    | 'hooks'
    | 'onError'
    | 'now'
  > {
  shared: SharedStore;
  /** Reads the rules of the folders; used while no rules are in force. */
  readRules: () => Promise<RuleSet>;
}

/** What a server does that does not lead. */
export interface Follower
  extends Omit<StartableEngine, 'replaceRules' | 'rulesFailed' | 'publishRules'> {
  /** Uses the reasons of the rules in force for all that this process reads from now on. */
  takeCatalogue(): void;
}

/**
 * Creates the part of a server that works whether it leads or not: it takes callbacks into the journal, reads what is stored,
 * and asks the server that leads for all that changes something.
 *
 * @throws `STORE_FAILED`
 */
export async function createFollower(options: FollowerOptions): Promise<Follower> {
  const { shared, accounts, mute, hooks = {}, version, now = Date.now } = options;
  const { store } = shared;
  const onError = options.onError ?? (() => undefined);
  const ask = <T>(name: string, ...args: unknown[]) => {
    // JSON has no undefined, and null is no default.
    const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
    return shared.ask(name, given) as Promise<T>;
  };
  const closers = new CloseStack();
  const rules = await FollowedRules.open(store, options.readRules, now());
  closers.add(() => rules.close());
  let lastNote: LeaderNote | undefined;
  const leaderNote = (): LeaderNote | undefined => {
    // While no server leads, what the last one said is still the best that is known.
    lastNote = readNote(shared.servers().find(({ leads }) => leads)?.note)?.leader ?? lastNote;
    return lastNote;
  };
  const followed = new Map(
    accounts.map((account) => [account.name, new FollowedAccount(account, now(), leaderNote)]),
  );
  const texts = new RuleTextCache(store);
  const progress = new DeriveProgress(options.answersWaitMs);
  const retention = new Retention({
    store,
    keepDays: options.keepDays ?? 0,
    hooks,
    onMessage: () => undefined,
    onError: (error) => onError(error, 'purge'),
    now,
    isPurging: false,
  });
  closers.add(() => retention.close());
  const missed = new Set<() => void>();
  let derived = 0;
  const looking = setInterval(() => {
    shared.place().then(
      (place) => {
        progress.journalled(place.journalled);
        progress.derived(place.derived);
        if (place.derived !== derived) {
          derived = place.derived;
          for (const listener of missed) {
            listener();
          }
        }
      },
      // The next look may succeed; answers wait no longer than they do for a backlog.
      () => undefined,
    );
  }, LOOK_EVERY_MS);
  looking.unref();
  closers.add(() => clearInterval(looking));

  let alerts: AlertInstance[] = [];
  let alertsAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  async function readAlerts(): Promise<void> {
    const known = new Map(alerts.map((alert) => [alert.id, alert]));
    // An alert that did not change stays the same object, so that query threads need not get it again.
    alerts = (await readDocuments<AlertInstance>(store, 'alert', now())).map((alert) => {
      const before = known.get(alert.id);
      return before && JSON.stringify(before) === JSON.stringify(alert) ? before : alert;
    });
    alertsAt = performance.now();
  }
  function freshAlerts(): Promise<void> {
    if (performance.now() - alertsAt < ALERTS_FOR_MS) {
      return Promise.resolve();
    }
    reading ??= readAlerts().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  const collector = createCollector({
    store,
    accounts,
    statuses: new Map([...followed].map(([name, { own }]) => [name, own])),
    retention,
    progress,
    deriver: {
      // The server that leads looks for new entries.
      wake: () => undefined,
      setApiState: () => undefined,
      idle: async () => undefined,
      restoreFacts: async () => 0,
      liftQuiet: (ends) => ask('liftQuiet', ends),
    },
    hooks,
    now,
  });
  closers.add(() => collector.close());
  const queryWorkers = startQueryWorkers({
    store: store.share,
    lookup: rules.lookup,
    alerts: () => alerts,
    limits: options.queryLimits,
    onError: (error) => onError(error, 'queries'),
  });
  closers.add(() => queryWorkers.close());
  const answers = createAnswers({
    store,
    texts,
    statuses: followed,
    rules,
    mute,
    retention,
    evidence: { of: (id, language) => ask('evidence', id, language) },
    queryWorkers,
    progress,
    version,
    now,
  });
  const service = createIncidentService({
    store,
    alerts: () => alerts,
    alertOf: (rule) => rules.alertOf(rule),
    now,
  });
  await retention.start();

  return {
    ...answers,
    ...service,
    acceptCallback: collector.acceptCallback,
    journalError: collector.journalError,
    async answer(...given) {
      await freshAlerts();
      return answers.answer(...given);
    },
    async query(...given) {
      await freshAlerts();
      return answers.query(...given);
    },
    async alerts() {
      await freshAlerts();
      return alerts;
    },
    async importRecords(account, records, importing) {
      const { lines, indexes, rejected } = collector.maskRecords(account, records);
      const batch: ImportedBatch =
        lines.length > 0
          ? await ask('importRecords', account, lines, importing)
          : { accepted: 0, duplicates: 0, rejected: [], restored: 0 };
      const refused = batch.rejected.map(({ index, error }) => {
        return { index: indexes[index] as number, error };
      });
      const all = [...rejected, ...refused].sort((a, b) => a.index - b.index);
      return { ...batch, rejected: all };
    },
    applyRules: (...given) => ask('applyRules', ...given),
    acknowledge: (...given) => ask('acknowledge', ...given),
    release: (...given) => ask('release', ...given),
    addNote: (...given) => ask('addNote', ...given),
    giveFeedback: (...given) => ask('giveFeedback', ...given),
    purge: () => ask('purge'),
    liftQuiet: (ends) => ask('liftQuiet', ends),
    subscribe(_changed, _removed, onMissed = () => undefined) {
      missed.add(onMissed);
      return () => missed.delete(onMissed);
    },
    collection: () => ({ accounts: [], pushesSince: {} }),
    journalGrew: () => undefined,
    startPolling: () => undefined,
    rulesInForce: () => rules.set,
    takeCatalogue: () => rules.takeCatalogue(),
    async idle() {
      const { journalled } = await shared.place();
      await progress.untilDerivedTo(journalled);
    },
    settled: () => ask('settled'),
    close: () => closers.close(),
  };
}

/** What a server that leads does for others, by the names that {@link createFollower} uses. */
export function answerFollower(
  engine: StartableEngine,
  name: string,
  args: readonly unknown[],
): Promise<unknown> {
  const answered = ANSWERED[name];
  if (!answered) {
    throw asBreakwatchError(new Error(`a server of another version asked for "${name}"`));
  }
  return answered(engine, args as never);
}

const ANSWERED: Readonly<
  Record<string, (engine: StartableEngine, args: never) => Promise<unknown>>
> = {
  evidence: (engine, args: Parameters<StartableEngine['evidence']>) => engine.evidence(...args),
  importRecords: (engine, args: Parameters<StartableEngine['importRecords']>) =>
    engine.importRecords(...args),
  applyRules: (engine, args: Parameters<StartableEngine['applyRules']>) =>
    engine.applyRules(...args),
  acknowledge: (engine, args: Parameters<StartableEngine['acknowledge']>) =>
    engine.acknowledge(...args),
  release: (engine, args: Parameters<StartableEngine['release']>) => engine.release(...args),
  addNote: (engine, args: Parameters<StartableEngine['addNote']>) => engine.addNote(...args),
  giveFeedback: (engine, args: Parameters<StartableEngine['giveFeedback']>) =>
    engine.giveFeedback(...args),
  liftQuiet: (engine, args: Parameters<StartableEngine['liftQuiet']>) => engine.liftQuiet(...args),
  purge: (engine) => engine.purge(),
  settled: (engine) => engine.settled(),
};
