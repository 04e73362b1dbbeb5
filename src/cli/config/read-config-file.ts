import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { MuteSource } from '../../alerts/parse-mute-intervals.ts';
import { addresses, bad } from './setting-values.ts';

/** What `breakwatch.yaml` holds, its accounts not yet read. */
export interface ConfigFile {
  accounts?: unknown[];
  directory?: string;
  mute?: MuteSource;
  alerts?: unknown;
  trustProxy?: string[];
}

const FILE_KEYS = ['accounts', 'alerts', 'directory', 'quiet', 'trustProxy'];

/**
 * Reads `breakwatch.yaml`, or the file that BREAKWATCH_CONFIG names; nothing when there is none.
 *
 * @throws `BAD_CONFIG` naming the file and the setting
 */
export function readConfigFile(environment: NodeJS.ProcessEnv): ConfigFile {
  const named = environment.BREAKWATCH_CONFIG;
  const path = resolve(named || 'breakwatch.yaml');
  if (!existsSync(path)) {
    if (named) {
      bad(`BREAKWATCH_CONFIG names ${path}, which does not exist.`);
    }
    return {};
  }
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    bad(`${path}: ${(thrown as Error).message}`);
  }
  if (content === null || content === undefined) {
    return {};
  }
  if (typeof content !== 'object' || Array.isArray(content)) {
    bad(`${path} has no settings; it should begin with "accounts:".`);
  }
  for (const key of Object.keys(content)) {
    if (!FILE_KEYS.includes(key)) {
      bad(`${path}: "${key}" is no setting (known: ${FILE_KEYS.join(', ')}).`);
    }
  }
  const {
    accounts,
    alerts,
    directory,
    quiet: mute,
    trustProxy,
  } = content as Record<string, unknown>;
  if (accounts !== undefined && !Array.isArray(accounts)) {
    bad(`${path}: accounts is no list.`);
  }
  if (directory !== undefined && (typeof directory !== 'string' || directory === '')) {
    bad(`${path}: directory is no file name.`);
  }
  return {
    accounts: accounts as unknown[] | undefined,
    alerts,
    // Beside the file that names it, wherever the process was started.
    directory: directory === undefined ? undefined : resolve(dirname(path), directory),
    mute: muteSource(mute, path),
    trustProxy: addresses(trustProxy, `${path}: trustProxy`),
  };
}

/** A section of the file itself, or the name of one beside it; what it holds is read by its watch. */
function muteSource(value: unknown, path: string): MuteSource | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value === 'string') {
    return { file: resolve(dirname(path), value), isSection: false };
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    bad(`${path}: quiet is neither a file name nor has it maintenance and expected.`);
  }
  return { file: path, isSection: true };
}
