import { readFile } from 'node:fs/promises';
import { type MuteSource, parseMuteIntervals } from '../alerts/parse-mute-intervals.ts';
import type { AnswerError, Log } from '../model/errors.ts';
import { type MuteIntervals, NO_MUTE_INTERVALS } from '../model/mute-intervals.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';

/**
 * How often the file is read, ms. A mounted file sends no notice of changes, and by what it holds no
 * change is missed, also one that is made while it is first read.
 */
const LOOK_MS = 2_000;

/** Quiet times that follow their file. */
export interface WatchedMuteIntervals {
  /** Those in force. */
  readonly times: MuteIntervals;
  /** Why what the file holds now is not in force; null when it is. */
  readonly error: AnswerError | null;
  /** Tells whenever either changes. */
  onChange(listener: () => void): void;
  /** Ends the watch. */
  close(): void;
}

/** Quiet times of nobody who wrote any. */
export const UNWATCHED_MUTE_INTERVALS: WatchedMuteIntervals = {
  times: NO_MUTE_INTERVALS,
  error: null,
  onChange: () => undefined,
  close: () => undefined,
};

/**
 * Reads quiet times and reads them again whenever their file changes. What can not be read leaves the
 * last ones in force: a slip of the pen must neither wake nor silence anybody.
 *
 * @param log - told of each reading and of each mistake
 * @param lookEveryMs - time between two looks
 * @throws `FILE_UNREADABLE`, `MUTE_INTERVALS_INVALID` when they are wrong at first
 */
export async function watchMuteIntervals(
  source: MuteSource,
  log: Log,
  lookEveryMs = LOOK_MS,
): Promise<WatchedMuteIntervals> {
  let seen = await look(source);
  let times = await read(seen, source);
  let error: AnswerError | null = null;
  const listeners: (() => void)[] = [];
  const say = () => log('info', `quiet times: ${times.entries.length} entries in force`);
  say();
  const follow = async () => {
    const now = await look(source);
    if (now.text === seen.text && now.problem === seen.problem) {
      return;
    }
    seen = now;
    try {
      times = await read(now, source);
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
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(follow);
  }, lookEveryMs);
  timer.unref();
  return {
    get times() {
      return times;
    },
    get error() {
      return error;
    },
    onChange: (listener) => listeners.push(listener),
    close: () => clearInterval(timer),
  };
}

/** What the file holds, or why nobody can tell. */
interface Seen {
  text: string | null;
  problem: string;
}

function look({ file }: MuteSource): Promise<Seen> {
  return readFile(file, 'utf8').then(
    (text) => ({ text, problem: '' }),
    ({ message }: Error) => ({ text: null, problem: message }),
  );
}

async function read({ text, problem }: Seen, source: MuteSource): Promise<MuteIntervals> {
  if (text === null) {
    throw maskedError('FILE_UNREADABLE', { file: source.file, problem });
  }
  return parseMuteIntervals(text, source);
}
