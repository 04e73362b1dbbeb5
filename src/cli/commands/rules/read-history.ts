import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BacktestReport,
  type ComparedRules,
  type PastBreak,
  runBacktest,
  runBlockBacktest,
} from '../../../diagnosis/workbench/backtest/index.ts';
import { BreakwatchError } from '../../../model/errors.ts';
import { type BlockProgress, openBlockHistory } from '../../../store/columns/open-block-history.ts';
import { openSqliteStore } from '../../../store/sqlite/open-sqlite-store.ts';
import type { TimeRange } from '../../../store/store.ts';
import type { Config } from '../../config/read-config.ts';
import { openServerBlocks } from './server-blocks.ts';

/** What a back-test over a history is told. */
export interface HistoryBacktest extends Omit<ComparedRules, 'onProgress'> {
  /** Held against the ends of breaks. */
  range: TimeRange;
  /**
   * Told how many breaks were judged, and how far that is, from 0 to 1; null when nobody knows.
   *
   * @param prepared - blocks of this run that had to be prepared first
   */
  onProgress: (events: number, part: number | null, prepared: number) => void;
}

/** Past breaks to try rules on. */
export interface History {
  /** For people, when it is not the data folder that was named. */
  where: string | null;
  /** Nothing is judged anew for good. @throws `STORE_FAILED`, `SERVER_*`, what `signal` gives */
  backtest(options: HistoryBacktest): Promise<BacktestReport>;
  close(): Promise<void>;
}

async function folderHistory(folder: string): Promise<History> {
  const store = await openSqliteStore({ folder });
  return {
    where: null,
    async backtest({ range, onProgress, ...compared }) {
      const history = openBlockHistory(folder);
      let progress: BlockProgress = { blocks: 0, done: 0, built: 0 };
      let events = 0;
      const report = () =>
        onProgress(events, progress.done / Math.max(progress.blocks, 1), progress.built);
      try {
        return await runBlockBacktest({
          ...compared,
          range,
          blocks: (facts) =>
            history.blocks(range, facts, (now) => {
              progress = now;
              report();
            }),
          readSamples: (places) => history.breaks(places),
          onProgress(judged) {
            events = judged;
            report();
          },
        });
      } finally {
        history.close();
      }
    },
    close: () => store.close(),
  };
}

/** A server keeps the snapshots too, and its folder is its own. */
async function serverHistory(config: Config, url?: string): Promise<History> {
  const { openRecords } = await import('../../input/open-records.ts');
  const records = await openRecords(config, url);
  const { where, close } = records;
  const snapshots = await openServerBlocks(where, config.token);
  if (snapshots) {
    return {
      where,
      backtest: ({ onProgress, ...compared }) => {
        let part = 0;
        return runBlockBacktest({
          ...compared,
          blocks: (facts) =>
            snapshots.blocks(facts, compared.signal, (done) => {
              part = done;
            }),
          readSamples: (places) => snapshots.breaks(places),
          onProgress: (events) => onProgress(events, part, 0),
        });
      },
      close,
    };
  }

  // A server of an older version.
  async function* pages(range: TimeRange): AsyncGenerator<PastBreak[], void> {
    for await (const page of records.breaks({ range, filters: {}, language: 'en' })) {
      yield page.map(({ id, endedAt, domain, app, stream, facts, reason, diagnosis }) => {
        const { rule, ruleHash: hash, category } = diagnosis;
        return {
          id,
          endedAt,
          stream: `${domain}/${app}/${stream}`,
          facts: Object.hasOwn(facts, 'reason') ? facts : { ...facts, reason },
          verdict: { rule, hash, category },
        };
      });
    }
  }
  return {
    where,
    backtest: ({ range, onProgress, ...compared }) =>
      runBacktest({
        ...compared,
        breaks: pages(range),
        onProgress: (events) => onProgress(events, null, 0),
      }),
    close,
  };
}

/**
 * Opens the breaks of a data folder; where a running server owns it, or nothing was ever kept in it, asks
 * that server.
 *
 * @param url - asks this server in any case
 * @throws BreakwatchError DATA_FOLDER_*, STORE_*, SERVER_*
 */
export async function openHistory(config: Config, url?: string): Promise<History> {
  if (url !== undefined) {
    return serverHistory(config, url);
  }
  if (!existsSync(join(config.dataFolder, 'breakwatch.db'))) {
    return serverHistory(config);
  }
  try {
    return await folderHistory(config.dataFolder);
  } catch (thrown) {
    if (thrown instanceof BreakwatchError && thrown.code === 'DATA_FOLDER_OWNED') {
      return serverHistory(config);
    }
    throw thrown;
  }
}
