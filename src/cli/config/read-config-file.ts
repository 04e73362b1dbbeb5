import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { MuteSource } from '../../alerts/parse-mute-intervals.ts';
import {
  NO_SERVER_SETTINGS,
  readServerSettings,
  type ServerSettings,
} from './read-server-settings.ts';
import { addresses, bad, rejectUnknown } from './setting-values.ts';

/** The content of `breakwatch.yaml`. Accounts and alerts are not checked yet. */
export interface ConfigFile {
  accounts?: unknown[];
  directory?: string;
  mute?: MuteSource;
  alerts?: unknown;
  trustProxy?: string[];
  server: ServerSettings;
}

const FILE_KEYS = ['accounts', 'alerts', 'directory', 'muteIntervals', 'server', 'trustProxy'];

/**
 * Reads `breakwatch.yaml`, or the file that BREAKWATCH_CONFIG names. Returns no settings when there is no
 * file.
 *
 * @throws `BAD_CONFIG` naming the file and the setting
 */
export function readConfigFile(environment: NodeJS.ProcessEnv): ConfigFile {
  const named = environment.BREAKWATCH_CONFIG;
  const path = resolve(named || 'breakwatch.yaml');
  if (!existsSync(path)) {
    if (named) {
      bad(`the file ${path} in BREAKWATCH_CONFIG does not exist.`);
    }
    return { server: NO_SERVER_SETTINGS };
  }
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    bad(`${path}: ${(thrown as Error).message}`);
  }
  if (content === null || content === undefined) {
    return { server: NO_SERVER_SETTINGS };
  }
  if (typeof content !== 'object' || Array.isArray(content)) {
    bad(`${path} must contain settings such as "accounts:".`);
  }
  rejectUnknown(content, FILE_KEYS, path);
  const { accounts, alerts, directory, muteIntervals, server, trustProxy } = content as Record<
    string,
    unknown
  >;
  if (accounts !== undefined && !Array.isArray(accounts)) {
    bad(`${path}: accounts must be a list.`);
  }
  if (directory !== undefined && (typeof directory !== 'string' || directory === '')) {
    bad(`${path}: directory must be a file name.`);
  }
  return {
    accounts: accounts as unknown[] | undefined,
    alerts,
    // Relative to the configuration file, not to the working directory.
    directory: directory === undefined ? undefined : resolve(dirname(path), directory),
    mute: muteSource(muteIntervals, path),
    server: readServerSettings(server, path),
    trustProxy: addresses(trustProxy, `${path}: trustProxy`),
  };
}

/** Mute intervals are a section of this file, or the name of another file. A watcher reads them later. */
function muteSource(value: unknown, path: string): MuteSource | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value === 'string') {
    return { file: resolve(dirname(path), value), isSection: false };
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    bad(`${path}: muteIntervals must be a file name, or have maintenance and schedules.`);
  }
  return { file: path, isSection: true };
}
