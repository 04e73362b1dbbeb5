import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, LineCounter, parseDocument } from 'yaml';
import type { MuteSource } from '../../alerts/parse-mute-intervals.ts';
import type { ConfigFile } from '../../contract/settings.ts';
import { readServerSettings, type ServerSettings } from './read-server-settings.ts';
import { addresses, bad } from './setting-values.ts';

/** The settings in `breakwatch.yaml`, with absolute paths. */
export interface FileSettings extends Omit<ConfigFile, 'muteIntervals' | 'server'> {
  mute?: MuteSource | undefined;
  server?: ServerSettings;
  /** The text of the file; absent when there is no file. */
  text?: string;
}

/**
 * Reads `breakwatch.yaml`, or the file that BREAKWATCH_CONFIG names, and checks it. Returns an empty object
 * when there is no file.
 *
 * @throws `BAD_CONFIG` naming the file and the setting
 */
export async function readConfigFile(environment: NodeJS.ProcessEnv): Promise<FileSettings> {
  const named = environment.BREAKWATCH_CONFIG;
  const path = resolve(named || 'breakwatch.yaml');
  if (!existsSync(path)) {
    if (named) {
      bad(`the file ${path} in BREAKWATCH_CONFIG does not exist.`);
    }
    return {};
  }
  const text = readFileSync(path, 'utf8');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    bad(`${path}: ${error.message}`);
  }
  const { contents } = document;
  if (contents === null || document.toJS() === null) {
    return {};
  }
  if (!isMap(contents)) {
    bad(`${path} must contain settings such as "accounts:".`);
  }
  // Loaded here, so that commands without a file do not load the schemas.
  const { checkConfigFile } = await import('./check-config-file.ts');
  const { directory, muteIntervals, ...settings } = checkConfigFile(document, lines, path);
  return {
    ...settings,
    text,
    // Relative to the configuration file, not to the working directory.
    ...(directory === undefined ? {} : { directory: resolve(dirname(path), directory) }),
    mute: muteSource(muteIntervals, path),
    server: readServerSettings(settings.server, path),
    trustProxy: addresses(settings.trustProxy, `${path}: trustProxy`),
  };
}

/** Mute intervals are a section of this file, or the name of another file. A watcher reads them later. */
function muteSource(value: ConfigFile['muteIntervals'], path: string): MuteSource | undefined {
  if (value === undefined) {
    return undefined;
  }
  return typeof value === 'string'
    ? { file: resolve(dirname(path), value), isSection: false }
    : { file: path, isSection: true };
}
