import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PastBreak } from '../../diagnosis/workbench/backtest/run-backtest.ts';
import type { BreakEvent } from '../../model/break-event.ts';
import { BreakwatchError } from '../../model/errors.ts';
import { openSqliteStore } from '../../store/sqlite/open-sqlite-store.ts';
import type { Store, TimeRange } from '../../store/store.ts';
import type { Config } from '../read-config.ts';

/** Past breaks, newest first, a page at a time. */
export interface History {
  pages(range: TimeRange): AsyncGenerator<PastBreak[], void>;
  close(): Promise<void>;
}

/** Breaks held at a time. */
const PAGE = 2_000;

function pastBreak(event: BreakEvent, verdict: PastBreak['verdict']): PastBreak {
  const { id, endedAt, domain, app, stream, facts, reason } = event;
  return {
    id,
    endedAt,
    stream: `${domain}/${app}/${stream}`,
    facts: Object.hasOwn(facts, 'reason') ? facts : { ...facts, reason },
    verdict,
  };
}

function storeHistory(store: Store): History {
  return {
    async *pages(range) {
      let after: { endedAt: number; id: string } | undefined;
      for (;;) {
        const records = await store.findBreaks({
          range,
          filters: {},
          limit: PAGE,
          ...(after && { after }),
        });
        const last = records.at(-1)?.event;
        if (!last) {
          return;
        }
        yield records.map(({ event, verdict }) => {
          const { id: rule, hash } = verdict.rule;
          return pastBreak(event, { rule, hash, category: verdict.category });
        });
        after = { endedAt: last.endedAt, id: last.id };
      }
    },
    close: () => store.close(),
  };
}

/** A server keeps the snapshots too, and its folder is its own. */
async function serverHistory(config: Config, url?: string): Promise<History> {
  const { openRecords } = await import('../open-records.ts');
  const records = await openRecords(config, url);
  return {
    async *pages(range) {
      for await (const page of records.breaks({ range, filters: {}, language: 'en' })) {
        yield page.map(({ diagnosis, ...event }) => {
          const { rule, ruleHash: hash, category } = diagnosis;
          return pastBreak(event, { rule, hash, category });
        });
      }
    },
    close: () => records.close(),
  };
}

/**
 * Opens the breaks of a data folder; where a running server owns it, asks that server. Nothing is
 * judged anew or written.
 *
 * @param url - asks this server in any case
 * @throws BreakwatchError FILE_UNREADABLE, DATA_FOLDER_*, STORE_*, SERVER_*
 */
export async function openHistory(config: Config, url?: string): Promise<History> {
  if (url !== undefined) {
    return serverHistory(config, url);
  }
  const file = join(config.dataFolder, 'breakwatch.db');
  if (!existsSync(file)) {
    throw new BreakwatchError('FILE_UNREADABLE', { file, problem: 'there is no such store' });
  }
  try {
    return storeHistory(await openSqliteStore({ folder: config.dataFolder }));
  } catch (thrown) {
    if (thrown instanceof BreakwatchError && thrown.code === 'DATA_FOLDER_OWNED') {
      return serverHistory(config);
    }
    throw thrown;
  }
}
