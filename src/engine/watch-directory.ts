import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { readLines } from '../css/import/index.ts';
import type { Log } from '../model/errors.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { type Directory, NO_DIRECTORY, readDirectory } from './directory.ts';

/** Interval at which the file is checked, ms. Polled, because a mounted file sends no notifications. */
const CHECK_EVERY_MS = 2_000;

/** A directory that follows its file. */
export interface WatchedDirectory extends Directory {
  /** Stops watching. */
  close(): void;
}

/**
 * Reads a directory file, and reads it again when it changes. A change applies to new breaks; stored
 * breaks keep their names until they are diagnosed again. If the file cannot be read, the last names stay
 * in force.
 *
 * @param log - gets a message for each reading and each line left out
 * @param checkEveryMs - interval at which the file is checked, ms
 * @throws `FILE_UNREADABLE` if the first reading fails
 */
export async function watchDirectory(
  file: string,
  log: Log,
  checkEveryMs = CHECK_EVERY_MS,
): Promise<WatchedDirectory> {
  let current = NO_DIRECTORY;
  const listeners: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  // Before reading, so that the next check finds a change made while reading.
  let fingerprint = await fingerprintOf(file);

  async function load(): Promise<void> {
    const { directory, problems } = await readDirectory(linesOf(file));
    current = directory;
    for (const changed of listeners) {
      changed();
    }
    for (const { line, problem } of problems) {
      log('error', `directory ${file}:${line}: ${problem}`);
    }
    log('info', `directory ${file}: ${directory.size} streams named`);
  }

  async function check(): Promise<void> {
    const found = await fingerprintOf(file);
    if (found !== fingerprint && !closed) {
      fingerprint = found;
      await load().catch((thrown: unknown) => {
        log('error', `new directory rejected: ${(thrown as Error).message}`);
      });
    }
    scheduleCheck();
  }

  function scheduleCheck(): void {
    if (!closed) {
      timer = setTimeout(check, checkEveryMs);
      timer.unref();
    }
  }

  await load();
  scheduleCheck();
  return {
    get size() {
      return current.size;
    },
    get names() {
      return current.names;
    },
    factsOf: (stream, pushFacts) => current.factsOf(stream, pushFacts),
    onChange: (listener) => listeners.push(listener),
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** Returns inode, size and time of a file as one text. It is the same until the file changes. */
async function fingerprintOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  return `${found?.ino}|${found?.size}|${found?.mtimeMs}`;
}

/**
 * Reads the lines of a file.
 *
 * @throws `FILE_UNREADABLE`
 */
async function* linesOf(file: string): AsyncGenerator<string, void> {
  try {
    for await (const { text } of readLines(createReadStream(file))) {
      yield text;
    }
  } catch (thrown) {
    throw maskedError('FILE_UNREADABLE', { file, problem: (thrown as Error).message });
  }
}
