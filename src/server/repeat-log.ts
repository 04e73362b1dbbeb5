import { LRUCache } from 'lru-cache';
import type { Log } from '../model/errors.ts';

type LogLevel = Parameters<Log>[0];

const EVERY_MS = 60_000;
/** Keys that are remembered; beyond that, the least recently used one starts again. */
const MAX_KEPT = 1_000;

/** A log for lines that an attacker or a storm can repeat thousands of times. */
export interface RepeatLog {
  /**
   * Logs the first line of a key at once. Those that follow are counted, and each minute one line says how
   * many there were.
   *
   * @param key - what counts as a repetition, for example account and error code
   */
  log(key: string, level: LogLevel, message: string): void;
  /** Logs the counts that have not been logged yet. */
  close(): void;
}

/** What was left out since the last line of a key. */
interface LeftOut {
  count: number;
  level: LogLevel;
  message: string;
  timer: NodeJS.Timeout;
}

/**
 * Creates a log that writes at most one line a minute for each key.
 *
 * @param everyMs - interval between two lines of a key, ms
 */
export function createRepeatLog(log: Log, everyMs = EVERY_MS): RepeatLog {
  const kept = new LRUCache<string, LeftOut>({
    max: MAX_KEPT,
    dispose: (entry) => clearTimeout(entry.timer),
  });

  /** One line for all that were left out; the line itself counts as one of them. */
  function logLeftOut({ count, level, message }: LeftOut): void {
    if (count > 0) {
      log(level, count === 1 ? message : `${message} (and ${count - 1} more like this)`);
    }
  }

  function schedule(key: string): NodeJS.Timeout {
    const timer = setTimeout(() => {
      const entry = kept.get(key);
      if (entry && entry.count > 0) {
        logLeftOut(entry);
        entry.count = 0;
        entry.timer = schedule(key);
      } else {
        // Nothing came for a minute, so the next line is a first one again.
        kept.delete(key);
      }
    }, everyMs);
    return timer.unref();
  }

  return {
    log(key, level, message) {
      const entry = kept.get(key);
      if (entry) {
        Object.assign(entry, { count: entry.count + 1, level, message });
        return;
      }
      log(level, message);
      kept.set(key, { count: 0, level, message, timer: schedule(key) });
    },
    close() {
      for (const entry of kept.values()) {
        logLeftOut(entry);
      }
      kept.clear();
    },
  };
}
