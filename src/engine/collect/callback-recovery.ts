import { type AccountKeys, type ApiCaller, readCallbackRecords } from '../../css/api/index.ts';
import type { JournalEntry } from '../../model/break.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { type Backoff, backoffMs } from '../../model/time.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { CallbackLookups } from './missed-callbacks.ts';
import type { Poller } from './poller.ts';

/** The status of callback recovery for one account. */
export interface RecoveryStatus {
  /** Keys of callbacks that are not in the journal yet. */
  recovered: string[];
  /** The error of the last request; null if it succeeded. */
  error: BreakwatchError | null;
}

/** The options of {@link startCallbackRecovery}. */
export interface CallbackRecoveryOptions {
  /** Breakwatch's name of the account. */
  account: string;
  /** Used by this recovery only, so that it never waits for a poll. Closed at the end. */
  caller: ApiCaller;
  keys: AccountKeys;
  lookups: CallbackLookups;
  /** Called with keys before they are journalled, and with errors. */
  onStatus: (note: RecoveryStatus) => void;
  /** Returns those entries that the journal has already. */
  known: (entries: readonly JournalEntry[]) => Promise<Pick<JournalEntry, 'key'>[]>;
  /** Stores new entries; resolves once they are on disk. */
  accept: (entries: JournalEntry[]) => Promise<void>;
  /** Interval at which due lookups are made, ms; 10 s when absent. */
  everyMs?: number;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

const EVERY_MS = 10_000;
const BACKOFF: Backoff = { firstMs: 15_000, maxMs: 15 * 60_000 };
/** If the API or the permission is missing, somebody must change that. We try about once an hour. */
const REFUSED_BACKOFF: Backoff = { firstMs: 90 * 60_000, maxMs: 90 * 60_000 };
/** Error codes of a site without the action. The international site's SDK does not have it. */
const NO_SUCH_ACTION = /^(?:ActionOffline|InvalidAction|NoSuch|Unsupported)/;

/**
 * Looks up missed callbacks in CSS's records of callbacks, one request after the other, and journals
 * them with numeric code, node and push-URL parameters. A failed request is repeated later, with
 * growing pauses. Each account has its own recovery.
 */
export function startCallbackRecovery(options: CallbackRecoveryOptions): Poller {
  const { account, caller, keys, lookups, onStatus, accept, now } = options;
  const stop = new AbortController();
  let failures = 0;
  let notBefore = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;

  async function recover(): Promise<void> {
    if (now() < notBefore) {
      return;
    }
    for (let lookup = lookups.next(now()); lookup; lookup = lookups.next(now())) {
      try {
        const { entries } = await readCallbackRecords(
          caller,
          account,
          lookup,
          now(),
          keys,
          stop.signal,
        );
        const known = new Set((await options.known(entries)).map(({ key }) => key));
        const fresh = entries.filter(({ key }) => !known.has(key));
        if (fresh.length > 0) {
          onStatus({ recovered: fresh.map(({ key }) => key), error: null });
          await accept(fresh);
        }
        lookups.answered(lookup, now());
        failures = 0;
        onStatus({ recovered: [], error: null });
      } catch (thrown) {
        if (stop.signal.aborted) {
          return;
        }
        const error = asBreakwatchError(thrown);
        onStatus({ recovered: [], error });
        if (isBadLookup(error)) {
          lookups.answered(lookup, now());
          continue;
        }
        failures += 1;
        notBefore = now() + waitAfter(error, failures);
        return;
      }
    }
  }

  function start(): void {
    running ??= recover().finally(() => {
      running = undefined;
    });
  }

  const timer = setInterval(start, options.everyMs ?? EVERY_MS);
  timer.unref();
  start();

  return {
    async close() {
      clearInterval(timer);
      stop.abort(new Error('recovery was stopped'));
      await running;
      caller.close();
    },
  };
}

/** Whether CSS refused this lookup only, so that others may still succeed. */
function isBadLookup(error: BreakwatchError): boolean {
  const { apiCode } = error.details;
  return error.code === 'CSS_BAD_REQUEST' && !NO_SUCH_ACTION.test(String(apiCode));
}

function waitAfter(error: BreakwatchError, failures: number): number {
  const isRefused = ['CSS_PERMISSION', 'CSS_CREDENTIALS', 'CSS_BAD_REQUEST'].includes(error.code);
  return backoffMs(isRefused ? REFUSED_BACKOFF : BACKOFF, failures);
}
