import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { readLines } from '../css/import/index.ts';
import type { Log } from '../model/errors.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { type Directory, NO_DIRECTORY, readDirectory } from './directory.ts';

/** How often the file is looked at, ms. Polled, because a mounted file sends no notice of changes. */
const LOOK_MS = 2_000;

/** A directory that follows its file. */
export interface WatchedDirectory extends Directory {
  /** Ends the watch. */
  close(): void;
}

/**
 * Reads a directory file and reads it again whenever it changes. A change names breaks from then
 * on; those already stored keep their names until they are judged anew. A file that can not be read
 * leaves the last names in force.
 *
 * @param log - told of lines left out, and of each reading
 * @param lookMs - time between two looks, ms
 * @throws `FILE_UNREADABLE` when it can not be read at first
 */
export async function watchDirectory(
  file: string,
  log: Log,
  lookMs = LOOK_MS,
): Promise<WatchedDirectory> {
  let current = NO_DIRECTORY;
  const listeners: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  // Taken before it is read: what changes while it is read is seen at the next look.
  let seen = await marksOf(file);

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

  async function look(): Promise<void> {
    const marks = await marksOf(file);
    if (marks !== seen && !closed) {
      seen = marks;
      await load().catch((thrown: unknown) => {
        log('error', `directory not taken: ${(thrown as Error).message}`);
      });
    }
    lookLater();
  }

  function lookLater(): void {
    if (!closed) {
      timer = setTimeout(look, lookMs);
      timer.unref();
    }
  }

  await load();
  lookLater();
  return {
    get size() {
      return current.size;
    },
    get names() {
      return current.names;
    },
    factsOf: (stream, notified) => current.factsOf(stream, notified),
    onChange: (listener) => listeners.push(listener),
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** What changes with the file; the same as long as nobody touches it. */
async function marksOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  return `${found?.ino}|${found?.size}|${found?.mtimeMs}`;
}

/**
 * The lines of a file.
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
