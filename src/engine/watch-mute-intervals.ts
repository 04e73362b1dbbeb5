import { type MuteSource, parseMuteIntervals } from '../alerts/parse-mute-intervals.ts';
import type { AnswerError, Log } from '../model/errors.ts';
import type { MuteIntervals } from '../model/mute-intervals.ts';
import { asBreakwatchError } from '../secrets/masked-error.ts';
import { followText, readText } from './follow-text.ts';

/**
 * Interval at which the file is read, ms. A mounted file sends no notification of changes. Comparing the
 * content also finds a change that is made during the first read.
 */
const CHECK_EVERY_MS = 2_000;

/** Mute intervals that follow their file. */
export interface WatchedMuteIntervals {
  /** The mute intervals in force. */
  readonly times: MuteIntervals;
  /** Why the current content of the file is not in force; null if it is. */
  readonly error: AnswerError | null;
  /** Calls the listener when the mute intervals or the error change. */
  onChange(listener: () => void): void;
  /** Stops watching. */
  close(): void;
}

/**
 * Reads mute intervals, and reads them again when their file changes. If the file is invalid, the last
 * valid ones stay in force, so that a typing error neither wakes nor silences anybody.
 *
 * @param log - gets a message for each reading and each error
 * @param checkEveryMs - interval at which the file is read, ms
 * @throws `FILE_UNREADABLE`, `MUTE_INTERVALS_INVALID` if the first reading fails
 */
export async function watchMuteIntervals(
  source: MuteSource,
  log: Log,
  checkEveryMs = CHECK_EVERY_MS,
): Promise<WatchedMuteIntervals> {
  const first = await readText(source.file);
  let times = parseMuteIntervals(first, source);
  let error: AnswerError | null = null;
  const listeners: (() => void)[] = [];
  const logCount = () => log('info', `mute intervals: ${times.entries.length} entries in force`);
  logCount();
  const stop = followText(source.file, first, checkEveryMs, (read) => {
    try {
      times = parseMuteIntervals(read(), source);
      error = null;
      logCount();
    } catch (thrown) {
      const failed = asBreakwatchError(thrown);
      error = failed.toAnswer();
      log('error', `new mute intervals rejected: ${failed.code}: ${failed.message}`);
    }
    for (const changed of listeners) {
      changed();
    }
  });
  return {
    get times() {
      return times;
    },
    get error() {
      return error;
    },
    onChange: (listener) => listeners.push(listener),
    close: stop,
  };
}
