import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseQuietTimes, type QuietSource } from '../alerts/parse-quiet-times.ts';
import { asBreakwatchError, BreakwatchError } from '../model/errors.ts';
import type { AnswerError } from '../model/query.ts';
import { NO_QUIET_TIMES, type QuietTimes } from '../model/quiet-times.ts';

/** How often the file is looked at, ms. Polled, because a mounted file sends no notice of changes. */
const LOOK_MS = 2_000;

/** Quiet times that follow their file. */
export interface WatchedQuietTimes {
  /** Those in force. */
  readonly times: QuietTimes;
  /** Why what the file holds now is not in force; null when it is. */
  readonly error: AnswerError | null;
  /** Tells whenever either changes. */
  onChange(listener: () => void): void;
  /** Ends the watch. */
  close(): void;
}

/** Quiet times of nobody who wrote any. */
export const UNWATCHED_QUIET_TIMES: WatchedQuietTimes = {
  times: NO_QUIET_TIMES,
  error: null,
  onChange: () => undefined,
  close: () => undefined,
};

/**
 * Reads quiet times and reads them again whenever their file changes. What can not be read leaves the
 * last ones in force: a slip of the pen must neither wake nor silence anybody.
 *
 * @param log - told of each reading and of each mistake
 * @throws `FILE_UNREADABLE`, `QUIET_TIMES_INVALID` when they are wrong at first
 */
export async function watchQuietTimes(
  source: QuietSource,
  log: (level: 'error' | 'info', message: string) => void,
): Promise<WatchedQuietTimes> {
  let times = await load(source);
  let error: AnswerError | null = null;
  let queue: Promise<void> = Promise.resolve();
  const listeners: (() => void)[] = [];
  const say = () => log('info', `quiet times: ${times.entries.length} entries in force`);
  say();
  const look = () => {
    queue = queue.then(async () => {
      try {
        times = await load(source);
        error = null;
        say();
      } catch (thrown) {
        const failed = asBreakwatchError(thrown);
        error = failed.toAnswer();
        log('error', `quiet times not taken: ${failed.code}: ${failed.message}`);
      }
      for (const changed of listeners) {
        changed();
      }
    });
  };
  watchFile(source.file, { interval: LOOK_MS, persistent: false }, look);
  return {
    get times() {
      return times;
    },
    get error() {
      return error;
    },
    onChange: (listener) => listeners.push(listener),
    close: () => unwatchFile(source.file, look),
  };
}

async function load(source: QuietSource): Promise<QuietTimes> {
  const text = await readFile(source.file, 'utf8').catch((thrown: Error) => {
    throw new BreakwatchError('FILE_UNREADABLE', { file: source.file, problem: thrown.message });
  });
  return parseQuietTimes(text, source);
}
