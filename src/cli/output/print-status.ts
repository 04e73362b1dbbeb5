import { formatSpan } from '../../model/format-span.ts';
import type {
  AccountHealth,
  BackfillProgress,
  EngineHealth,
  RetentionHealth,
} from '../../model/query.ts';
import { wrapText } from './wrap-text.ts';

const BAR = 24;
const WIDTH = 80;

/** Whether nothing needs a look: a poll that was refused does, before the account counts as blind too. */
export function isWell({ ok, accounts }: EngineHealth): boolean {
  return ok && accounts.every(({ error }) => error === null);
}

/** Lays the health of a server out for a terminal. Times are told by how long ago they were. */
export function printStatus(health: EngineHealth, where: string, now: number): string {
  const { rules, store } = health;
  const lines = [
    `Breakwatch ${health.version} at ${where}: ${isWell(health) ? 'all is well' : 'not well'}`,
    `  rules    ${rules.count} in force, set ${rules.set}`,
    ...problemOf(rules.error),
    `  store    ${store.kind}: ${store.breaks} breaks of ${store.journal} journal entries`,
    ...retentionLines(health.retention),
    ...health.accounts.flatMap((account) => accountLines(account, now)),
  ];
  return `${lines.join('\n')}\n`;
}

function accountLines(account: AccountHealth, now: number): string[] {
  const { lastPollAt, lastCallbackAt, missedCallbacks, recovery, backfill, gaps = [] } = account;
  const ago = (at: number | null) => (at === null ? 'never' : `${formatSpan(now - at)} ago`);
  const open = gaps.filter(({ filledAt }) => filledAt === null);
  return [
    `  account  ${account.account}: ${account.state}; polled ${ago(lastPollAt)}, last callback ${ago(lastCallbackAt)}`,
    ...problemOf(account.error),
    ...(backfill ? [`           ${printBackfill(backfill)}`] : []),
    ...(missedCallbacks
      ? [
          `           ${missedCallbacks} callbacks missed in the last hour; looked up: ${recovery?.found ?? 0} found, ${recovery?.waiting ?? 0} waiting`,
        ]
      : []),
    ...problemOf(recovery?.error ?? null),
    ...(open.length > 0 ? [`           ${open.length} gaps in coverage not read afterwards`] : []),
  ];
}

function retentionLines(retention: RetentionHealth | undefined): string[] {
  if (!retention) {
    return [];
  }
  const { keepDays, oldest, purged, running, refused } = retention;
  const rows = purged.breaks + purged.pushes + purged.documents + purged.journal;
  const kept = keepDays === 0 ? 'all' : `${keepDays} days`;
  return [
    `  kept     ${kept}${oldest === null ? '' : `; the oldest break ended ${dayOf(oldest)}`}`,
    ...(rows > 0 || running
      ? [`           ${rows} old rows taken away since the start${running ? ', going on' : ''}`]
      : []),
    ...(refused > 0 ? [`           ${refused} arrivals left out that were older`] : []),
    ...problemOf(retention.error),
  ];
}

/** The back-fill as a bar with what is left. */
export function printBackfill({ from, to, remainingMs, etaMs, done }: BackfillProgress): string {
  const part = to > from ? Math.min(1, Math.max(0, 1 - remainingMs / (to - from))) : 1;
  const full = Math.floor(part * BAR);
  const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
  if (done) {
    return `back-fill ${bar} all read since ${dayOf(from)}`;
  }
  const left = etaMs === null ? '' : `, about ${formatSpan(etaMs)} to go`;
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
