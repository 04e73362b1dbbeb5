import { stripRecord } from '../../incidents/strip-record.ts';
import type { BreakRecord } from '../../model/break.ts';

/** Breaks that ended longer ago than this, in ms, are history and cause no notice. */
export const HISTORY_MS = 6 * 3_600_000;

/**
 * A stripped break as text. An import brings many old breaks, of which the incident thread needs hardly any: a
 * text crosses threads for a tenth of what an object costs, and is read only when it is needed.
 */
export type PackedBreak = [id: string, account: string, endedAt: number, json: string];

/** Strips and packs a break. */
export function packBreak(record: BreakRecord): PackedBreak {
  const { id, account, endedAt } = record.event;
  return [id, account, endedAt, JSON.stringify(stripRecord(record))];
}

/** The stripped break of a text. */
export function unpackBreak(json: string): BreakRecord {
  return JSON.parse(json) as BreakRecord;
}
