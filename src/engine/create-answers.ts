import { ruleHashesOf } from '../model/diagnosis.ts';
import { maintenanceAt } from '../model/mute-intervals.ts';
import type { QueryRequest } from '../model/query.ts';
import type { RuleTextCache } from '../queries/cause-texts.ts';
import { explainEntries } from '../queries/lookup.ts';
import type { Store } from '../store/store.ts';
import type { CollectionStatus } from './collect/collection-status.ts';
import { exportLines } from './collect/export-lines.ts';
import type { DeriveProgress } from './derive/derive-progress.ts';
import type { Engine } from './engine.ts';
import type { EvidenceSource } from './evidence/evidence-source.ts';
import {
  type AnswerEncoding,
  type EncodedAnswer,
  type QueryWorkers,
  readAnswer,
} from './queries/query-workers.ts';
import { ResolvedWindow } from './queries/resolved-window.ts';
import type { Retention } from './retention.ts';
import type { RulesInForce } from './rules/rules-in-force.ts';
import type { WatchedMuteIntervals } from './watch-mute-intervals.ts';

const VALUES_LIMIT = 1_000;

/** The options of {@link createAnswers}. */
export interface AnswersOptions {
  store: Store;
  texts: RuleTextCache;
  /** By account name. */
  statuses: ReadonlyMap<string, Pick<CollectionStatus, 'health' | 'pushesSince'>>;
  rules: Pick<RulesInForce, 'lookup' | 'health'>;
  mute: WatchedMuteIntervals | undefined;
  retention: Retention;
  evidence: Pick<EvidenceSource, 'of'>;
  queryWorkers: QueryWorkers;
  /** Answers wait a moment until new journal entries are derived. */
  progress: DeriveProgress;
  /** Version of Breakwatch, for health. */
  version: string;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** The requests that an engine answers without changing anything. */
export type Answers = Pick<
  Engine,
  | 'answer'
  | 'breaks'
  | 'earlierVerdicts'
  | 'evidence'
  | 'exportLines'
  | 'ruleTexts'
  | 'lookup'
  | 'query'
  | 'values'
  | 'health'
>;

/** Creates the answers of an engine from its parts. */
export function createAnswers(options: AnswersOptions): Answers {
  const { store, texts, statuses, rules, mute, retention, evidence, queryWorkers, progress, now } =
    options;
  const resolvedWindow = new ResolvedWindow();
  const coverage = () => [...statuses.values()].map((status) => status.health(now()));

  async function answer(
    request: QueryRequest,
    signal?: AbortSignal,
    { format = 'columns', gzip = false }: Partial<AnswerEncoding> = {},
  ): Promise<EncodedAnswer> {
    await progress.untilDerived();
    const pushesSince = Object.fromEntries(
      [...statuses].map(([account, status]) => [account, status.pushesSince]),
    );
    const at = now();
    if (
      format === 'alert-frames' &&
      request.queries.some(({ queryType }) => queryType === 'alerts')
    ) {
      resolvedWindow.noteQuery(at);
    }
    const resolvedSince = resolvedWindow.since(at);
    const input = { now: at, pushesSince, coverage: coverage(), resolvedSince, format, gzip };
    return queryWorkers.answer(request, input, signal);
  }

  return {
    async breaks({ range, filters, limit, after }) {
      await progress.untilDerived();
      const search = { range, filters, limit, ...(after ? { after } : {}) };
      const records = await store.findBreaks(search);
      return {
        records,
        texts: await texts.get(records.flatMap(({ verdict }) => ruleHashesOf(verdict))),
      };
    },

    async *exportLines(request) {
      await progress.untilDerived();
      yield* exportLines(request, { store, version: options.version, now: now() });
    },

    earlierVerdicts: (id) => store.earlierVerdicts(id),
    evidence: (breakId, language) => evidence.of(breakId, language),
    ruleTexts: (hashes) => texts.get(hashes),
    lookup: (text) => explainEntries(text, rules.lookup),

    answer,
    query: async (request, signal) => readAnswer(await answer(request, signal)),

    values: (name, range, search) => store.values(name, range, VALUES_LIMIT, search),

    async health() {
      const counts = await store.counts();
      const accounts = coverage();
      const integrity = store.integrity();
      const kept = await retention.health();
      const connections = store.connections();
      const oldestPartition = await store.oldestPartition();
      return {
        ok:
          !rules.health.error &&
          !mute?.error &&
          !progress.health.error &&
          !integrity?.error &&
          !kept.error &&
          accounts.every((account) => account.state !== 'blind'),
        version: options.version,
        accounts,
        rules: rules.health,
        store: {
          kind: store.kind,
          ...counts,
          ...(integrity && { integrity }),
          ...(connections && { connections }),
          ...(oldestPartition !== null && { oldestPartition }),
        },
        deriving: progress.health,
        retention: kept,
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
