import { type AccountKeys, type ApiCaller, readCallbackRecords } from '../../css/api/index.ts';
import type { JournalEntry } from '../../model/break.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { UnreportedBreaks } from './missed-callbacks.ts';
import type { Poller } from './poller.ts';

/** How the recovery of callbacks of one account is doing. */
export interface RecoveryNote {
  /** Keys of callbacks that were in the journal not yet. */
  recovered: string[];
  /** Why the last question was not answered; null when it was. */
  error: BreakwatchError | null;
}

/** What recovering callbacks of one account needs. */
export interface CallbackRecoveryOptions {
  /** Breakwatch's name of the account. */
  account: string;
  /** Of its own, so that it waits for no poll and no poll for it. Closed at the end. */
  caller: ApiCaller;
  keys: AccountKeys;
  unreported: UnreportedBreaks;
  /** Told of keys before they go to the journal, and of errors. */
  onNote: (note: RecoveryNote) => void;
  /** Which of these entries the journal has already. */
  known: (entries: readonly JournalEntry[]) => Promise<Pick<JournalEntry, 'key'>[]>;
  /** Takes new entries and resolves once they are on disk. */
  accept: (entries: JournalEntry[]) => Promise<void>;
  /** Time between looks for what is due, ms; 10 s when absent. */
  everyMs?: number;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

const EVERY_MS = 10_000;
const FIRST_WAIT_MS = 10_000;
const MAX_WAIT_MS = 10 * 60_000;
/** The API, or the right to use it, does not come back by itself; asked for once an hour. */
const REFUSED_WAIT_MS = 3_600_000;
/** The international site's SDK does not have the action. */
const NO_SUCH_ACTION = /^(?:ActionOffline|InvalidAction|NoSuch|Unsupported)/;

/**
 * Looks up breaks that no callback told of in CSS's records of callbacks, one question after the
 * other, and journals what they tell: numeric code, node and push-URL parameters. What fails is
 * asked again later, longer and longer; each account has a recovery of its own.
 */
export function startCallbackRecovery(options: CallbackRecoveryOptions): Poller {
  const { account, caller, keys, unreported, onNote, accept, now } = options;
  const stop = new AbortController();
  let failures = 0;
  let notBefore = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;

  async function recover(): Promise<void> {
    if (now() < notBefore) {
      return;
    }
    for (let question = unreported.next(now()); question; question = unreported.next(now())) {
      try {
        const { entries } = await readCallbackRecords(
          caller,
          account,
          question,
          now(),
          keys,
          stop.signal,
        );
        const known = new Set((await options.known(entries)).map(({ key }) => key));
        const fresh = entries.filter(({ key }) => !known.has(key));
        if (fresh.length > 0) {
          onNote({ recovered: fresh.map(({ key }) => key), error: null });
          await accept(fresh);
        }
        unreported.asked(question, now());
        failures = 0;
        onNote({ recovered: [], error: null });
      } catch (thrown) {
        if (stop.signal.aborted) {
          return;
        }
        const error = asBreakwatchError(thrown);
        onNote({ recovered: [], error });
        if (isAboutQuestion(error)) {
          unreported.asked(question, now());
          continue;
        }
        failures += 1;
        notBefore = now() + waitAfter(error, failures);
        return;
      }
    }
  }

  function look(): void {
    running ??= recover().finally(() => {
      running = undefined;
    });
  }

  const timer = setInterval(look, options.everyMs ?? EVERY_MS);
  timer.unref();
  look();

  return {
    async close() {
      clearInterval(timer);
      stop.abort(new Error('recovery was ended'));
      await running;
      caller.close();
    },
  };
}

/** Whether CSS took offence at this one question, so that others may still be answered. */
function isAboutQuestion(error: BreakwatchError): boolean {
  const { apiCode } = error.details;
  return error.code === 'CSS_BAD_REQUEST' && !NO_SUCH_ACTION.test(String(apiCode));
}

function waitAfter(error: BreakwatchError, failures: number): number {
  const isRefused = ['CSS_PERMISSION', 'CSS_CREDENTIALS', 'CSS_BAD_REQUEST'].includes(error.code);
  const wait = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return (isRefused ? REFUSED_WAIT_MS : wait) * (1 + Math.random() / 2);
}
