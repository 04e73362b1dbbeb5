import { LRUCache } from 'lru-cache';
import type { BreakRecord } from '../../model/break.ts';
import type { Verdict } from '../../model/diagnosis.ts';
import type { EarlierVerdict } from '../store.ts';
import { spanClassOf } from './span-class.ts';
import type { SqlValue } from './sql-value.ts';

/** Columns of the table `cells`, in the order of a {@link BreakRow}'s cell. */
export const CELL_COLUMNS = [
  'account',
  'domain',
  'app',
  'outcome',
  'category',
  'severity',
  'side',
  'reason',
  'rule',
] as const;

/** Columns of the table `breaks` that come from the record, in the order of a row's `key`. */
export const KEY_COLUMNS = [
  'stream',
  'client_ip',
  'node',
  'started_at',
  'ended_at',
  'duration_ms',
  'recovered_at',
  'down',
  'until',
  'span_class',
] as const;

/** Columns of the table `break_details` except the verdict, in the order of a row's `details`. */
export const DETAIL_COLUMNS = [
  'errcode',
  'sub_errcode',
  'bypass_code',
  'reason_text',
  'resolution',
  'sequence',
  'event_outcome',
  'event_reason',
  'sources',
  'facts',
  'evidence',
] as const;

/** What the roll-ups count of a break. */
export interface CountedBreak {
  /** Number of its row. */
  n: number;
  cell: number;
  endedAt: number;
  recoveredAt: number | null;
  /** 0 after a normal end. */
  down: number;
  places: Readonly<{ stream: string; client_ip: string | null; node: string | null }>;
}

/** What the roll-ups count, from the values of KEY_COLUMNS. */
export function countedBreak(n: number, cell: number, key: readonly SqlValue[]): CountedBreak {
  const [stream, client_ip, node, , endedAt, , recoveredAt, down] = key;
  return {
    n,
    cell,
    endedAt,
    recoveredAt,
    down,
    places: { stream, client_ip, node },
  } as CountedBreak;
}

/** Value of `until` for a break that has not recovered. */
const FAR_FUTURE = Number.MAX_SAFE_INTEGER;

/**
 * A break as it is sent to the writer thread. The sender converts objects to JSON, because that is
 * cheaper than cloning them across threads.
 */
export interface BreakRow {
  id: string;
  cell: string[];
  key: SqlValue[];
  details: SqlValue[];
  /** The part of the verdict that many breaks share, as JSON. */
  verdict: string;
}

type VerdictCell = 'outcome' | 'category' | 'severity' | 'side' | 'reason' | 'evidence' | 'rule';
type VerdictBody = Omit<Verdict, VerdictCell> & { rule: Omit<Verdict['rule'], 'id'> };

/** Splits a record into table rows. */
export function breakRowOf(record: BreakRecord): BreakRow {
  const { event, verdict } = record;
  const { outcome, category, severity, side, reason, evidence, rule, ...rest } = verdict;
  const body: VerdictBody = {
    ...rest,
    rule: { hash: rule.hash, file: rule.file, name: rule.name },
  };
  return {
    id: event.id,
    cell: [
      event.account,
      event.domain,
      event.app,
      outcome,
      category,
      severity,
      side,
      reason,
      rule.id,
    ],
    key: [
      event.stream,
      event.clientIp,
      event.node,
      event.startedAt,
      event.endedAt,
      event.durationMs,
      event.recoveredAt,
      outcome === 'ended' ? 0 : 1,
      event.recoveredAt ?? FAR_FUTURE,
      spanClassOf(event.endedAt, event.recoveredAt),
    ],
    details: [
      event.code?.errcode ?? null,
      event.code?.subErrcode ?? null,
      event.bypassCode,
      event.reasonText,
      event.resolution,
      event.sequence,
      event.outcome === outcome ? null : event.outcome,
      event.reason === reason ? null : event.reason,
      JSON.stringify(event.sources),
      JSON.stringify(event.facts),
      JSON.stringify(evidence),
    ],
    verdict: JSON.stringify(body),
  };
}

/** A record as SQL returns it: the columns of {@link RECORD_COLUMNS}. */
export type RecordRow = readonly SqlValue[];

/** The columns of a record, from `breaks b`, `cells c`, `break_details d` and `verdicts v`. */
export const RECORD_COLUMNS = [
  'b.id',
  ...CELL_COLUMNS.map((column) => `c.${column}`),
  ...KEY_COLUMNS.slice(0, -3).map((column) => `b.${column}`),
  ...DETAIL_COLUMNS.map((column) => `d.${column}`),
  'v.body',
].join(', ');

/** Reads the columns of records; a condition follows. */
export const RECORDS = `
  SELECT ${RECORD_COLUMNS} FROM breaks b
  JOIN cells c ON c.cell = b.cell
  JOIN break_details d ON d.n = b.n
  JOIN verdicts v ON v.verdict = d.verdict`;

/** Verdict bodies are few and repeat, so each is parsed once. */
const parsedBodies = new LRUCache<string, VerdictBody>({ max: 1_000 });

function verdictBodyOf(text: string): VerdictBody {
  let body = parsedBodies.get(text);
  if (body === undefined) {
    body = JSON.parse(text) as VerdictBody;
    parsedBodies.set(text, body);
  }
  // Copies the arrays, so that a caller's change does not affect other records.
  return {
    ...body,
    notChecked: [...body.notChecked],
    alternates: body.alternates.map((other) => ({ ...other, missing: [...other.missing] })),
  };
}

/** Builds a record from its row; the inverse of {@link breakRowOf}. */
export function recordOf(row: RecordRow): BreakRecord {
  const [id, account, domain, app, outcome, category, severity, side, reason, rule] =
    row as string[];
  const [stream, clientIp, node, startedAt, endedAt, durationMs, recoveredAt] = row.slice(10);
  const [errcode, subErrcode, bypassCode, reasonText, resolution, sequence, ...rest] =
    row.slice(17);
  const [eventOutcome, eventReason, sources, facts, evidence, verdict] = rest;
  return {
    event: {
      id,
      account,
      domain,
      app,
      stream,
      outcome: eventOutcome ?? outcome,
      startedAt,
      endedAt,
      durationMs,
      reason: eventReason ?? reason,
      code: errcode === null ? null : { errcode, subErrcode },
      bypassCode,
      reasonText,
      clientIp,
      node,
      resolution,
      sequence,
      recoveredAt,
      sources: JSON.parse(sources as string),
      facts: JSON.parse(facts as string),
    },
    verdict: verdictOf(
      { outcome, category, severity, side, reason, rule } as VerdictLabels,
      evidence as string,
      verdict as string,
    ),
  } as BreakRecord;
}

/** Verdicts and sets of facts of brief records, which are few and repeat. */
const sharedVerdicts = new LRUCache<string, Verdict>({ max: 2_000 });
const sharedFacts = new LRUCache<string, BreakRecord['event']['facts']>({ max: 5_000 });

/**
 * Builds a brief record (see `briefFacts` in `BreakSearch`) from its columns: id, those of the cell and of the break, bypass
 * code, resolution, facts, sources and verdict.
 *
 * @param names - the same facts
 */
export function briefRecordOf(row: RecordRow, names: readonly string[]): BreakRecord {
  const [bypassCode, resolution, values, sources, body] = row.slice(17);
  return labelledRecordOf(row, body, {
    bypassCode,
    resolution,
    sources: sources === null ? [] : JSON.parse(sources as string),
    facts: names.length === 0 ? NO_FACTS : sharedFactsOf(names, values as string),
  });
}

const NO_FACTS: BreakRecord['event']['facts'] = Object.freeze({});
/** What an end does not tell. */
const NOTHING_MORE = { bypassCode: null, resolution: null, sources: [], facts: NO_FACTS };

/**
 * Builds an end (see `endsOnly` in `BreakSearch`) from its columns: id, those of the cell and of the break, and the
 * verdict of a refusal.
 */
export function endRecordOf(row: RecordRow): BreakRecord {
  return labelledRecordOf(row, row[17], NOTHING_MORE);
}

/** Builds a record with a shared verdict from the columns that all of them have, and what else is known of the event. */
function labelledRecordOf(
  row: RecordRow,
  body: SqlValue | undefined,
  more: Record<keyof typeof NOTHING_MORE, unknown>,
): BreakRecord {
  const [id, account, domain, app, outcome, category, severity, side, reason, rule] =
    row as readonly string[];
  return {
    event: {
      id,
      account,
      domain,
      app,
      stream: row[10],
      outcome,
      startedAt: row[13],
      endedAt: row[14],
      durationMs: row[15],
      reason,
      code: null,
      reasonText: null,
      clientIp: row[11],
      node: row[12],
      sequence: null,
      recoveredAt: row[16],
      bypassCode: more.bypassCode,
      resolution: more.resolution,
      sources: more.sources,
      facts: more.facts,
    },
    verdict: sharedVerdictOf(
      { outcome, category, severity, side, reason, rule } as VerdictLabels,
      body,
    ),
  } as BreakRecord;
}

type VerdictLabels = Record<
  'outcome' | 'category' | 'severity' | 'side' | 'reason' | 'rule',
  string
>;

/** The last shared verdict of each rule, with what it was built from: records of a rule mostly have the same. */
const latestVerdicts = new LRUCache<
  string,
  { labels: VerdictLabels; body: SqlValue; verdict: Verdict }
>({ max: 2_000 });

/** The verdict that all records with these labels and this text share. @param body - null when it is not known */
function sharedVerdictOf(labels: VerdictLabels, body: SqlValue | undefined = null): Verdict {
  const latest = latestVerdicts.get(labels.rule);
  // These texts mostly are the same objects, so comparing them is far cheaper than a key of all of them.
  if (
    latest !== undefined &&
    latest.body === body &&
    latest.labels.reason === labels.reason &&
    latest.labels.outcome === labels.outcome &&
    latest.labels.category === labels.category &&
    latest.labels.severity === labels.severity &&
    latest.labels.side === labels.side
  ) {
    return latest.verdict;
  }
  const { outcome, category, severity, side, reason, rule } = labels;
  const key = [outcome, category, severity, side, reason, rule, body].join('\n');
  let verdict = sharedVerdicts.get(key);
  if (verdict === undefined) {
    verdict = Object.freeze(
      body === null ? labelsAlone(labels) : verdictOf(labels, '[]', body as string),
    );
    sharedVerdicts.set(key, verdict);
  }
  latestVerdicts.set(rule, { labels, body, verdict });
  return verdict;
}

/** A verdict of which only the labels are known. */
function labelsAlone({ rule, ...labels }: VerdictLabels): Verdict {
  return {
    ...labels,
    rule: { id: rule, hash: '', file: '', name: rule },
    confidence: 'possible',
    ground: 'evidence',
    retry: 'none',
    runbook: '',
    ruleSet: '',
    evidence: [],
    notChecked: [],
    alternates: [],
  } as Verdict;
}

function sharedFactsOf(names: readonly string[], values: string): BreakRecord['event']['facts'] {
  const key = `${names.join(' ')} ${values}`;
  let facts = sharedFacts.get(key);
  if (facts === undefined) {
    const found = JSON.parse(values) as unknown[];
    facts = Object.freeze(
      Object.fromEntries(
        names.flatMap((name, index) =>
          typeof found[index] === 'number' ? [[name, found[index]]] : [],
        ),
      ),
    );
    sharedFacts.set(key, facts);
  }
  return facts;
}

function verdictOf(
  { rule, ...labels }: VerdictLabels,
  evidence: string,
  bodyText: string,
): Verdict {
  const body = verdictBodyOf(bodyText);
  return {
    ...body,
    ...labels,
    rule: { ...body.rule, id: rule },
    evidence: JSON.parse(evidence),
  } as Verdict;
}

/** An earlier verdict: replacedAt, outcome, category, severity, side, reason, rule, evidence, body. */
export type EarlierRow = [number, string, string, string, string, string, string, string, string];

/** Builds an earlier verdict from its row. */
export function earlierOf(row: EarlierRow): EarlierVerdict {
  const [replacedAt, outcome, category, severity, side, reason, rule, evidence, body] = row;
  const labels = { outcome, category, severity, side, reason, rule };
  return { replacedAt, verdict: verdictOf(labels, evidence, body) };
}
