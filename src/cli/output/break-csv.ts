import type { ShownBreak } from '../../contract/breaks.ts';
import { printReasonCode } from '../../model/break.ts';
import { showInvisible } from '../../model/card/segments.ts';

type Value = string | number | null;

/** The columns of the CSV export that `import` reads. The others say what Breakwatch concluded. */
export const CSV_RETURNS: readonly string[] = [
  'time',
  'startedAt',
  'domain',
  'app',
  'stream',
  'code',
  'reasonText',
  'durationMs',
  'clientIp',
  'resolution',
];

/** Columns of the CSV export, in order. */
const COLUMNS: Record<string, (shown: ShownBreak) => Value> = {
  time: ({ endedAt }) => printTime(endedAt),
  startedAt: ({ startedAt }) => printTime(startedAt),
  recoveredAt: ({ recoveredAt }) => printTime(recoveredAt),
  account: ({ account }) => account,
  domain: ({ domain }) => domain,
  app: ({ app }) => app,
  stream: ({ stream }) => stream,
  title: ({ label }) => label?.name ?? null,
  team: ({ label }) => label?.team ?? null,
  outcome: ({ outcome }) => outcome,
  category: ({ diagnosis }) => diagnosis.category,
  severity: ({ diagnosis }) => diagnosis.severity,
  side: ({ diagnosis }) => diagnosis.side,
  cause_text: ({ diagnosis }) => diagnosis.cause,
  fix: ({ diagnosis }) => diagnosis.fix.join(' | '),
  retry: ({ diagnosis }) => diagnosis.retry,
  confidence: ({ diagnosis }) => diagnosis.confidence,
  reason_id: ({ diagnosis }) => diagnosis.reason,
  code: ({ code, bypassCode }) =>
    code ? printReasonCode(code) : bypassCode === null ? null : String(bypassCode),
  reasonText: ({ reasonText }) => reasonText,
  durationMs: ({ durationMs }) => durationMs,
  clientIp: ({ clientIp }) => clientIp,
  node: ({ node }) => node,
  resolution: ({ resolution }) => resolution,
  rule: ({ diagnosis }) => diagnosis.rule,
  runbook: ({ diagnosis }) => diagnosis.runbook,
  id: ({ id }) => id,
};

/** First line of the export. The byte order mark makes spreadsheets read it as UTF-8. */
export const BREAK_CSV_HEADER = `\uFEFF${Object.keys(COLUMNS).join(',')}\r\n`;

/** Formats a break as one line of CSV. */
export function printBreakCsv(shown: ShownBreak): string {
  return `${Object.values(COLUMNS)
    .map((read) => printCell(read(shown)))
    .join(',')}\r\n`;
}

function printTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString().replace('.000Z', 'Z');
}

/** What a terminal would obey and a spreadsheet would not show; line breaks and tabs are quoted instead. */
const HIDDEN = /[^\P{Cc}\t\r\n]|[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Formats one cell. Control characters are shown as escapes. Spreadsheets run a text that begins like a formula (also with full-width
 * characters), and pushers choose their StreamName, so such a text gets a quote before it.
 */
export function printCell(value: Value): string {
  if (value === null) {
    return '';
  }
  if (typeof value === 'number') {
    return String(value);
  }
  const shown = value.replace(HIDDEN, showInvisible);
  const safe = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(value) ? `'${shown}` : shown;
  return /[",\r\n']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
