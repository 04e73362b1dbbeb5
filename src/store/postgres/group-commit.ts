import { BreakwatchError } from '../../model/errors.ts';

/** Codes of errors that another attempt with fewer items does not change. */
const OF_THE_DATABASE = new Set<string>([
  'DATABASE_UNREACHABLE',
  'DATABASE_REFUSED',
  'DATABASE_OWNED',
  'STORE_FULL',
  'STORE_READ_ONLY',
]);

/** How long a busy writer waits for more calls, which then share one write to the disk, ms. */
const GATHER_MS = 2;

interface Waiting<In, Out> {
  items: readonly In[];
  resolve(results: Out[]): void;
  reject(thrown: unknown): void;
}

/**
 * Writes what arrives at about the same time together, so that it shares one write to the disk. One write runs
 * at a time; what arrives meanwhile waits for the next.
 *
 * @param write - writes items, all or nothing, and returns one result for each
 * @param most - maximum number of items of one write; a call is never divided
 */
export function createGroupCommit<In, Out>(
  write: (items: readonly In[]) => Promise<Out[]>,
  most: number,
): (items: readonly In[]) => Promise<Out[]> {
  const waiting: Waiting<In, Out>[] = [];
  let isRunning = false;

  async function attempt(calls: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const results = await write(calls.flatMap(({ items }) => items));
      let at = 0;
      for (const { items, resolve } of calls) {
        resolve(results.slice(at, at + items.length));
        at += items.length;
      }
    } catch (thrown) {
      if (
        calls.length === 1 ||
        (thrown instanceof BreakwatchError && OF_THE_DATABASE.has(thrown.code))
      ) {
        for (const { reject } of calls) {
          reject(thrown);
        }
        return;
      }
      // One bad call must not fail the others.
      for (const call of calls) {
        await attempt([call]);
      }
    }
  }

  function take(): Waiting<In, Out>[] {
    let size = 0;
    let count = 0;
    for (const { items } of waiting) {
      if (count > 0 && size + items.length > most) {
        break;
      }
      size += items.length;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      const calls = take();
      await attempt(calls);
      if (calls.length > 1) {
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      }
    }
    isRunning = false;
  }

  return (items) =>
    new Promise<Out[]>((resolve, reject) => {
      waiting.push({ items, resolve, reject });
      if (!isRunning) {
        void run();
      }
    });
}
