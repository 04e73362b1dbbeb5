import type { BlockHistory } from '../../store/columns/open-block-history.ts';
import type { Config } from '../config/read-config.ts';

/**
 * Opens the fact snapshots of the configured store, whose store is open.
 *
 * @throws `STORE_FAILED`
 */
export async function openHistory(config: Config): Promise<BlockHistory> {
  if (config.database) {
    const { openPostgresHistory } = await import('../../store/postgres/open-history.ts');
    return openPostgresHistory(config.database);
  }
  const { openBlockHistory } = await import('../../store/columns/open-block-history.ts');
  return openBlockHistory(config.dataFolder);
}
