import { createReadStream, unwatchFile, watchFile } from 'node:fs';
import { readLines } from '../css/read-lines.ts';
import { BreakwatchError } from '../model/errors.ts';
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
 * @throws `FILE_UNREADABLE` when it can not be read at first
 */
export async function watchDirectory(
  file: string,
  log: (level: 'error' | 'info', message: string) => void,
): Promise<WatchedDirectory> {
  let current = NO_DIRECTORY;
  const listeners: (() => void)[] = [];
  let queue: Promise<void> = Promise.resolve();

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

  await load();
  const look = () => {
    queue = queue.then(load).catch((thrown: unknown) => {
      log('error', `directory not taken: ${(thrown as Error).message}`);
    });
  };
  watchFile(file, { interval: LOOK_MS, persistent: false }, look);
  return {
    get size() {
      return current.size;
    },
    get names() {
      return current.names;
    },
    factsOf: (stream, told) => current.factsOf(stream, told),
    onChange: (listener) => listeners.push(listener),
    close: () => unwatchFile(file, look),
  };
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
    throw new BreakwatchError('FILE_UNREADABLE', { file, problem: (thrown as Error).message });
  }
}
