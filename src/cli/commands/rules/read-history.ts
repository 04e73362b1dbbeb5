import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createServerClient, type ServerClient } from '../../../client/create-server-client.ts';
import {
  type BacktestReport,
  type ComparedRules,
  runBacktest,
} from '../../../diagnosis/workbench/backtest/index.ts';
import { BreakwatchError } from '../../../model/errors.ts';
import type { PlacedBreak } from '../../../model/facts.ts';
import { maskedError } from '../../../secrets/masked-error.ts';
import { BlockFile } from '../../../store/columns/block-file.ts';
import type { BlockProgress } from '../../../store/columns/open-block-history.ts';
import type { TimeRange } from '../../../store/store.ts';
import type { Config } from '../../config/read-config.ts';
import { serverUrl } from '../../input/open-server.ts';
import { openHistory as openSnapshots } from '../../server/open-history.ts';
import { isOwned, openStore } from '../../server/open-store.ts';

/** Number of blocks that are requested ahead. */
const AHEAD = 3;
/** Maximum number of examples in one request, because they are part of its URL. */
const EXAMPLES = 500;
/** Time limit of a request, in ms. The server may have to build a block first. */
const TIMEOUT_MS = 120_000;

/** Options of a back-test over a history. */
interface HistoryBacktest extends Omit<ComparedRules, 'onProgress'> {
  /** The range in which the breaks ended. */
  range: TimeRange;
  /**
   * Called with the number of judged breaks, and the progress from 0 to 1.
   *
   * @param prepared - number of blocks that had to be built first
   */
  onProgress: (events: number, part: number, prepared: number) => void;
}

/** The stored breaks of this configuration's store, or of a server. */
export interface History {
  /** URL of the server; null for the store itself. */
  server: string | null;
  /** Runs a back-test. It changes nothing. @throws `STORE_FAILED`, `SERVER_*`, the signal's reason */
  backtest(options: HistoryBacktest): Promise<BacktestReport>;
  close(): Promise<void>;
}

/**
 * Opens the breaks of the data folder. If a running server owns the folder, or the folder has no breaks, it
 * opens those of the configured server.
 *
 * @param url - always use this server
 * @throws BreakwatchError DATA_FOLDER_*, STORE_*, SERVER_*
 */
export async function openHistory(config: Config, url?: string): Promise<History> {
  const { dataFolder: folder, database } = config;
  if (url !== undefined) {
    return serverHistory(url, config.token);
  }
  if (!database && !existsSync(join(folder, 'breakwatch.db'))) {
    return reachableHistory(
      config,
      maskedError('DATA_FOLDER_EMPTY', { folder, url: serverUrl(config) }),
    );
  }
  try {
    return await ownHistory(config);
  } catch (thrown) {
    if (thrown instanceof BreakwatchError && isOwned(thrown.code)) {
      return reachableHistory(config, thrown);
    }
    throw thrown;
  }
}

async function ownHistory(config: Config): Promise<History> {
  const store = await openStore(config);
  return {
    server: null,
    async backtest({ range, onProgress, ...compared }) {
      const history = await openSnapshots(config);
      let progress: BlockProgress = { blocks: 0, done: 0, built: 0 };
      let events = 0;
      const report = () =>
        onProgress(events, progress.done / Math.max(progress.blocks, 1), progress.built);
      try {
        return await runBacktest({
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
        await history.close();
      }
    },
    close: () => store.close(),
  };
}

/** Opens the breaks of the configured server. @throws `otherwise` when no server answers */
async function reachableHistory(config: Config, otherwise: BreakwatchError): Promise<History> {
  return serverHistory(serverUrl(config), config.token).catch((refused: unknown) => {
    const unreachable = refused instanceof BreakwatchError && refused.code === 'SERVER_UNREACHABLE';
    throw unreachable ? otherwise : refused;
  });
}

async function serverHistory(url: string, token: string | undefined): Promise<History> {
  const server = createServerClient({ url, ...(token ? { token } : {}), timeoutMs: TIMEOUT_MS });
  const { blocks: list } = await server.call('snapshots');
  return {
    server: server.url,
    backtest({ onProgress, ...compared }) {
      let part = 0;
      return runBacktest({
        ...compared,
        blocks: (facts) =>
          readBlocks(server, list, facts, compared.signal, (done) => {
            part = done;
          }),
        readSamples: (places) => readSamples(server, places),
        onProgress: (events) => onProgress(events, part, 0),
      });
    },
    close: async () => undefined,
  };
}

/**
 * Reads blocks, a few ahead of the one that is judged.
 *
 * @param facts - the facts that will be read
 * @param onProgress - called with the progress from 0 to 1
 */
async function* readBlocks(
  server: ServerClient,
  list: readonly number[],
  facts: ReadonlySet<string>,
  signal: AbortSignal | undefined,
  onProgress: (part: number) => void,
): AsyncGenerator<BlockFile, void> {
  const requested: Promise<Uint8Array | null>[] = [];
  for (let index = 0; index < list.length; index += 1) {
    while (requested.length < AHEAD && index + requested.length < list.length) {
      const request = server.bytes(`api/v1/snapshots/${list[index + requested.length]}`, signal);
      // An error is handled when the block is read.
      request.catch(() => undefined);
      requested.push(request);
    }
    const bytes = await requested.shift();
    onProgress((index + 1) / list.length);
    if (bytes) {
      const block = new BlockFile(bytes);
      block.load(facts);
      yield block;
    }
  }
}

async function readSamples(
  server: ServerClient,
  places: readonly number[],
): Promise<PlacedBreak[]> {
  const found: PlacedBreak[] = [];
  for (let from = 0; from < places.length; from += EXAMPLES) {
    const query = { places: places.slice(from, from + EXAMPLES).join(',') };
    found.push(...(await server.call('snapshotBreaks', { query })).breaks);
  }
  return found;
}
