import { resolve } from 'node:path';
import type { ConfigFile } from '../../contract/settings.ts';
import { connectionOf, type PostgresSettings } from '../../store/postgres/connection-settings.ts';
import { expand } from './setting-values.ts';

/**
 * Reads where the PostgreSQL database is; undefined when there is none, and the data folder has the store. The
 * environment comes before the file.
 *
 * @param entry - `database` of `breakwatch.yaml`
 * @throws `BAD_CONFIG`, which does not repeat the URL, because it may contain a password
 */
export function readDatabase(
  entry: ConfigFile['database'],
  environment: NodeJS.ProcessEnv,
): PostgresSettings | undefined {
  const file = typeof entry === 'string' ? { url: entry } : entry;
  const given = environment.BREAKWATCH_DATABASE_URL;
  const url = given || (file && expand(file.url, 'database', environment));
  if (!url) {
    return undefined;
  }
  const passwordFile = environment.BREAKWATCH_DATABASE_PASSWORD_FILE || file?.passwordFile;
  const settings: PostgresSettings = {
    url,
    ...(passwordFile && { passwordFile: resolve(passwordFile) }),
    ...(file?.schema && { schema: file.schema }),
  };
  // Finds mistakes before anything starts.
  connectionOf(settings);
  return settings;
}
