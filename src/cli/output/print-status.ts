import type { EngineHooks } from '../../engine/engine.ts';
import type { Log } from '../../model/errors.ts';
import type {
  AccountHealth,
  BackfillProgress,
  EngineHealth,
  RetentionHealth,
  StoreIntegrity,
} from '../../model/health.ts';
import { formatSpan } from '../../model/time.ts';
import { wrapText } from './wrap-text.ts';

const BAR = 24;
const WIDTH = 80;

/** Whether nothing is wrong. A refused poll counts as wrong before the account is blind. */
export function isWell({ ok, accounts }: EngineHealth): boolean {
  return ok && accounts.every(({ error }) => error === null);
}

/** Formats the health of a server for a terminal. Times are shown as their age. */
export function printStatus(health: EngineHealth, where: string, now: number): string {
  const { rules, store } = health;
  const lines = [
    `Breakwatch ${health.version} at ${where}: ${isWell(health) ? 'healthy' : 'not healthy'}`,
    `  rules    ${rules.count} in force, set ${rules.set}`,
    ...problemOf(rules.error),
    ...(health.cluster?.errors ?? []).flatMap(problemOf),
    `  store    ${store.kind}: ${store.breaks} breaks of ${store.journal} journal entries${integrityOf(store.integrity?.state)}`,
    ...problemOf(store.integrity?.error ?? null),
    ...retentionLines(health.retention),
    ...health.accounts.flatMap((account) => accountLines(account, now)),
  ];
  return `${lines.join('\n')}\n`;
}

function accountLines(account: AccountHealth, now: number): string[] {
  const {
    lastPollAt,
    lastCallbackAt,
    missedCallbacks,
    recovery,
    backfill,
    gaps = [],
    unreadableFields = [],
  } = account;
  const ago = (at: number | null) => (at === null ? 'never' : `${formatSpan(now - at)} ago`);
  const open = gaps.filter(({ filledAt }) => filledAt === null);
  return [
    `  account  ${account.account}: ${account.state}; polled ${ago(lastPollAt)}, last callback ${ago(lastCallbackAt)}`,
    ...problemOf(account.error),
    ...(backfill ? [`           ${printBackfill(backfill)}`] : []),
    ...(missedCallbacks
      ? [
          `           ${missedCallbacks} callbacks missed in the last hour; ${recovery?.found ?? 0} found in the CSS records, ${recovery?.waiting ?? 0} waiting for lookup`,
        ]
      : []),
    ...problemOf(recovery?.error ?? null),
    ...(unreadableFields.length > 0
      ? [
          `           fields left out of callbacks, because their values cannot be used: ${unreadableFields.map(({ field, count }) => `${field} (${count})`).join(', ')}`,
        ]
      : []),
    ...(open.length > 0 ? [`           ${open.length} gaps in collection coverage`] : []),
  ];
}

/** The result of the check of the database files, as the end of a line. */
function integrityOf(state: StoreIntegrity['state'] | undefined): string {
  const words = {
    checking: 'the files are being checked',
    ok: 'the files are intact',
    damaged: 'the files are damaged',
    failed: 'the check of the files failed',
  };
  return state === undefined ? '' : `; ${words[state]}`;
}

function retentionLines(retention: RetentionHealth | undefined): string[] {
  if (!retention) {
    return [];
  }
  const { keepDays, oldest, purged, running, refused, inFuture = 0 } = retention;
  const rows = purged.breaks + purged.pushes + purged.documents + purged.journal;
  const kept = keepDays === 0 ? 'all' : `${keepDays} days`;
  return [
    `  kept     ${kept}${oldest === null ? '' : `; the oldest break ended ${dayOf(oldest)}`}`,
    ...(rows > 0 || running
      ? [`           ${rows} old rows deleted since the start${running ? ', still running' : ''}`]
      : []),
    ...(refused > 0 ? [`           ${refused} events rejected because they are too old`] : []),
    ...(inFuture > 0
      ? [`           ${inFuture} events rejected because they are in the future`]
      : []),
    ...problemOf(retention.error),
  ];
}

/** Formats the back-fill as a bar with the remaining time. */
function printBackfill({ from, to, remainingMs, etaMs, done }: BackfillProgress): string {
  const part = to > from ? Math.min(1, Math.max(0, 1 - remainingMs / (to - from))) : 1;
  const full = Math.floor(part * BAR);
  const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
  if (done) {
    return `back-fill ${bar} done since ${dayOf(from)}`;
  }
  const left = etaMs === null ? '' : `, about ${formatSpan(etaMs)} left`;
  return `back-fill ${bar} ${Math.floor(part * 100)} % of the time since ${dayOf(from)}${left}`;
}

function dayOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function problemOf(error: { code: string; message: string; remedy: string } | null): string[] {
  return error
    ? wrapText(
        `${error.code}: ${error.message} ${error.remedy}`,
        '         ! ',
        '           ',
        WIDTH,
      )
    : [];
}

/**
 * Creates a hook that logs when the polls of an account start to fail, fail for another reason, or succeed
 * again. Without it, a wrong key would only show in the health.
 */
export function logPolls(log: Log): EngineHooks['polled'] {
  const failing = new Map<string, string>();
  return (account, _durationMs, error) => {
    if (error && failing.get(account) !== error.code) {
      failing.set(account, error.code);
      log('error', `account ${account}: ${error.code}: ${error.message} ${error.remedy}`);
    } else if (!error && failing.delete(account)) {
      log('info', `account ${account}: polls succeed again`);
    }
  };
}

const EVERY_MS = 5_000;
/** One line for each tenth of the back-fill. */
const STEP = 0.1;

/**
 * Logs the progress of the back-fill: its start, each tenth, and its end.
 *
 * @param health - called every `everyMs`
 * @param everyMs - interval in ms
 * @returns a function that stops logging
 */
export function logBackfill(
  health: () => Promise<Pick<EngineHealth, 'accounts'>>,
  log: Log,
  everyMs = EVERY_MS,
): () => void {
  const notified = new Map<string, number>();
  let asking = false;
  const look = async () => {
    if (asking) {
      return;
    }
    asking = true;
    // Errors of the store are logged elsewhere.
    const { accounts } = await health().catch(() => ({ accounts: [] }));
    asking = false;
    for (const { account, backfill } of accounts) {
      if (!backfill) {
        continue;
      }
      const { from, to, remainingMs, done } = backfill;
      const step = done ? 1 / STEP : Math.floor((1 - remainingMs / Math.max(1, to - from)) / STEP);
      const name = `${account} ${from}`;
      // A back-fill that was done before the first look is not logged.
      if (notified.get(name) !== step && !(done && !notified.has(name))) {
        log('info', `account ${account}: ${printBackfill(backfill)}`);
      }
      if (!done || notified.has(name)) {
        notified.set(name, step);
      }
    }
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
