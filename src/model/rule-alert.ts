import type { GroupBy } from './query.ts';
import type { Severity } from './vocabulary.ts';

/**
 * When a rule's breaks are worth a page, and how the alert behaves. Lengths of time are a whole
 * number with `s`, `m`, `h` or `d`.
 */
export interface RuleAlert {
  /** e.g. `5m`. */
  window: string;
  /** Breaks of the rule within the window, of one incident and one group. */
  threshold: number;
  /** What breaks have to have in common to be counted together. */
  groupBy: GroupBy[];
  /**
   * How long the outage has to last before it is told, for what mostly mends itself; absent: told as
   * soon as the threshold is reached.
   */
  for?: string;
  /**
   * How long after the last recovery the alert stays, so that what breaks again is no second page;
   * absent, or shorter than the hold time of incidents: that hold time.
   */
  keepFiring?: string;
  /** Severity of the alert; absent: that of the rule. */
  severity?: Severity;
  /**
   * Rules whose alerts are not told while this one fires, where their breaks have the same `groupBy`
   * values: ids, in which `*` stands for any run of characters.
   */
  inhibits?: string[];
}

const LENGTH = /^(\d{1,6})([smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a length of time of a rule.
 *
 * @returns ms; undefined for anything else than `30s`, `5m` and the like
 */
export function lengthOfTime(text: string): number | undefined {
  const [, count = '', unit = ''] = LENGTH.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  return unitMs === undefined ? undefined : Number(count) * unitMs;
}
