import { maintenanceAt } from '../model/mute-intervals.ts';
import { answerQueries } from '../queries/answer-query.ts';
import type { RuleTextCache } from '../queries/cause-texts.ts';
import { explainEntries } from '../queries/lookup.ts';
import type { Store } from '../store/store.ts';
import type { AccountWatch } from './collect/account-watch.ts';
import type { DerivedMark } from './derive/derived-mark.ts';
import type { Engine } from './engine.ts';
import type { EvidenceSource } from './evidence/evidence-source.ts';
import type { IncidentWorker } from './incidents/incident-worker.ts';
import type { Retention } from './retention/retention.ts';
import type { RulesInForce } from './rules-in-force.ts';
import type { WatchedMuteIntervals } from './watch-mute-intervals.ts';

const VALUES_LIMIT = 1_000;

/** What answers are made of. */
export interface AnswersOptions {
  store: Store;
  texts: RuleTextCache;
  /** Of each account, by name. */
  watches: ReadonlyMap<string, AccountWatch>;
  rules: RulesInForce;
  mute: WatchedMuteIntervals | undefined;
  retention: Retention;
  evidence: EvidenceSource;
  incidentWorker: Pick<IncidentWorker, 'alerts'>;
  /** Answers wait a moment for what is only just journalled. */
  mark: DerivedMark;
  /** Version of Breakwatch, for health. */
  version: string;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** What an engine answers without changing anything. */
export type Answers = Pick<
  Engine,
  'breaks' | 'earlierVerdicts' | 'evidence' | 'ruleTexts' | 'lookup' | 'query' | 'values' | 'health'
>;

/** Makes them. */
export function createAnswers(options: AnswersOptions): Answers {
  const { store, texts, watches, rules, mute, retention, evidence, incidentWorker, mark, now } =
    options;
  const coverage = () => [...watches.values()].map((watch) => watch.health(now()));

  return {
    async breaks({ range, filters, limit, after }) {
      await mark.caughtUp();
      const search = { range, filters, limit, ...(after ? { after } : {}) };
      const records = await store.findBreaks(search);
      return {
        records,
        texts: await texts.get(records.map((record) => record.verdict.rule.hash)),
      };
    },

    earlierVerdicts: (id) => store.earlierVerdicts(id),
    evidence: (breakId, language) => evidence.of(breakId, language),
    ruleTexts: (hashes) => texts.get(hashes),
    lookup: (text) => explainEntries(text, rules.lookup),

    async query(request, signal) {
      await mark.caughtUp();
      const pushesSince = (account: string) => watches.get(account)?.pushesSince ?? null;
      const alerts = async () => ({
        instances: incidentWorker.alerts(),
        accounts: coverage().map(({ account, state }) => ({ account, blind: state === 'blind' })),
      });
      const context = {
        store,
        texts,
        lookup: rules.lookup,
        now,
        pushesSince,
        alerts,
        coverage,
      };
      return answerQueries(request, context, signal);
    },

    values: (name, range) => store.values(name, range, VALUES_LIMIT),

    async health() {
      const counts = await store.counts();
      const accounts = coverage();
      return {
        ok:
          !rules.health.error &&
          !mute?.error &&
          !mark.health.error &&
          accounts.every((account) => account.state !== 'blind'),
        version: options.version,
        accounts,
        rules: rules.health,
        store: { kind: store.kind, ...counts },
        deriving: mark.health,
        retention: await retention.health(),
        ...(mute
          ? {
              mute: {
                entries: mute.times.entries.length,
                now: maintenanceAt(mute.times, now()),
                error: mute.error,
              },
            }
          : {}),
      };
    },
  };
}
