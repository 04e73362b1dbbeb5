import { type SizePlan, totalBytes } from '../../store/size/plan-size.ts';
import type { StoreSize } from '../../store/size/store-size.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Prints bytes with three digits and a decimal unit: `4.35 GB`. */
export function printBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[power]}`;
}

const count = (value: number) => Math.round(value).toLocaleString('en-US');

/** What a plan was computed from. */
export interface PlanShown {
  /** Undefined when the journal is too short to measure, and no number was given. */
  plan: SizePlan | undefined;
  /** Bytes that the store can take. */
  disk: number | undefined;
  /** 0 keeps everything. */
  keepDays: number;
}

/** Prints what each table takes, and what the store will take. */
export function printSize(size: StoreSize, shown?: PlanShown): string {
  const rows = size.tables.map(({ table, rows, bytes, indexBytes }) => [
    table,
    count(rows),
    printBytes(bytes),
    printBytes(indexBytes),
  ]);
  const all = [['table', 'rows', 'data', 'indexes'], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...all.map((row) => (row[column] as string).length)),
  );
  const lines = all.map((row) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0] as number) : text.padStart(widths[column] as number),
      )
      .join('  '),
  );
  const free = size.freeBytes > 0 ? `, and ${printBytes(size.freeBytes)} free in its files` : '';
  const name = size.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL';
  return `${lines.join('\n')}\n\n${name}: ${printBytes(totalBytes(size))}${free}\n${shown ? printPlan(shown) : ''}`;
}

function printPlan({ plan, disk, keepDays }: PlanShown): string {
  if (plan === undefined) {
    return 'The journal is shorter than a day: give the number of callbacks a day with --callbacks.\n';
  }
  const { bytes, entriesPerDay, entriesFrom, bytesPerEntry, bytesFrom } = plan;
  const basis =
    bytesFrom === 'measured'
      ? 'measured in this store'
      : 'from the documentation, because this store has less than 10,000 journal entries';
  const lines = [
    `${count(entriesPerDay)} callbacks a day (${entriesFrom}), ${count(bytesPerEntry)} bytes each with all that is derived (${basis}):`,
    `  a day ${printBytes(bytes.day)}, 30 days ${printBytes(bytes.month)}, a year ${printBytes(bytes.year)}`,
    plan.retentionBytes === null
      ? '  Everything is kept (BREAKWATCH_KEEP_DAYS=0), so the store grows without an end.'
      : `  the retention of ${count(keepDays)} days: ${printBytes(plan.retentionBytes)}${ofOldMonth(plan)}`,
    plan.fittingDays === null || disk === undefined
      ? '  Give the size of the disk with --disk to see which retention fits.'
      : `  ${printBytes(disk)} of disk, a fifth of it left free: up to ${count(plan.fittingDays)} days`,
  ];
  return `\n${lines.join('\n')}\n`;
}

/** What a retention takes beyond its days. */
function ofOldMonth({ oldMonthBytes }: SizePlan): string {
  return oldMonthBytes > 0
    ? `, of it ${printBytes(oldMonthBytes)} for the oldest month, whose space is returned when all of it is older`
    : '';
}
