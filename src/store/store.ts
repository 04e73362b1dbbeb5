import type { BreakRecord, JournalEntry, StoredJournalEntry, StreamKey } from '../model/break.ts';
import type { RuleTexts, Verdict } from '../model/diagnosis.ts';
import type { Push } from '../model/push.ts';
import type { FilterName, Filters, GroupBy, SeriesMeasure } from '../model/query.ts';
import type { Source } from '../model/vocabulary.ts';

/** A half-open time range, epoch ms UTC: `from` inclusive, `to` exclusive. */
export interface TimeRange {
  from: number;
  to: number;
}

/** What became of an appended journal entry. */
export interface Appended {
  /** Place in the journal: its own, or the first arrival's when it is a duplicate. */
  seq: number;
  duplicate: boolean;
}

/** A half-open range of keys, by the order of their bytes. */
export interface KeyRange {
  from: string;
  to: string;
}

/** What names a journal entry within its account. */
export type EntryKey = Pick<JournalEntry, 'source' | 'key'>;

/** Everything derived from journal entries up to `cursor`, written in one transaction. */
export interface DerivedBatch {
  /** Inserted, or replacing the record with the same event id. */
  breaks: BreakRecord[];
  /**
   * Ids of events that are no more, because what was taken for several breaks is fewer. They are
   * taken away before `breaks` are written; an id that is not there is passed over.
   */
  removed: string[];
  /** Inserted, or replacing the push of the same stream with the same sequence or start. */
  pushes: Push[];
  /** Highest journal seq that is now derived. */
  cursor: number;
  /**
   * Breaks that are judged anew on purpose: what was concluded about them until now is kept as an
   * earlier verdict. An id that is not there is passed over.
   */
  supersedes?: { ids: readonly string[]; at: number };
}

/** What was concluded about a break before it was judged anew on purpose. */
export interface EarlierVerdict {
  /** Until when it stood, epoch ms UTC. */
  replacedAt: number;
  verdict: Verdict;
}

/** A request for breaks. */
export interface BreakSearch {
  range: TimeRange;
  filters: Filters;
  limit: number;
  /** Only records strictly after this place in the order (endedAt descending, id descending). */
  after?: { endedAt: number; id: string };
  /**
   * What the range is held against: `ended` (default), the break's endedAt; `overlap`, the span
   * from break to recovery (open-ended while not recovered).
   */
  by?: 'ended' | 'overlap';
}

/** A request for counts over time. */
export interface SeriesSearch {
  range: TimeRange;
  filters: Filters;
  groupBy: GroupBy[];
  stepMs: number;
  measure: SeriesMeasure;
  limit: number;
  /** End of down-time of breaks that have not recovered, epoch ms UTC (for lostMinutes). */
  now: number;
}

/** One group's values; `points` has one value per step, from the range's start aligned down to the step. */
export interface SeriesGroup {
  labels: Record<string, string>;
  points: Float64Array | number[];
}

/** Counts of earlier failures around one moment. */
export interface NearbyCounts {
  breaksOfClientIp: number;
  breaksOfNode: number;
  breaksOfDomain: number;
}

/** What surroundings are asked for. */
export interface NearbyCountsRequest {
  account: string;
  domain: string;
  clientIp: string | null;
  node: string | null;
  /** End of the window, exclusive, epoch ms UTC. */
  before: number;
  windowMs: number;
}

/**
 * Something small that is kept by kind and id and is no break: an incident, an alert, a notice that
 * has to go out, what somebody said of a diagnosis.
 */
export interface StoredDocument {
  kind: string;
  /** Unique within its kind. */
  id: string;
  account: string;
  /** What it is ordered and searched by, epoch ms UTC. */
  at: number;
  /** Whether it still needs looking at, so that what is in hand is found without reading the rest. */
  open: boolean;
  /** JSON value. */
  body: unknown;
}

/** A document whose body is JSON text already, which spares its keeper the work. */
export interface DocumentText extends Omit<StoredDocument, 'body'> {
  json: string;
}

/** A request for documents; all that is given must hold. */
export interface DocumentSearch {
  kind: string;
  ids?: readonly string[];
  open?: boolean;
  account?: readonly string[];
  range?: TimeRange;
  limit: number;
}

/** What may be taken away because it is old. Times are epoch ms UTC. */
export interface PurgeRequest {
  /** Breaks and pushes that ended before this go, and documents of before that are not open. */
  before: number;
  /** Entries that stand at the beginning of the journal, are derived and arrived before this go. */
  arrivedBefore: number;
  /**
   * A push that began before {@link before} and whose end nobody told goes when a later push of its
   * stream says that it is over, or when it began before this.
   */
  openBefore: number;
  /** Counts by minute of before this go; the start of a UTC day. Every answer stays the same. */
  minutesBefore: number;
  /** Failures and pushes of an account stay that ended since then: what is open is made of them. */
  needed: readonly { account: string; from: number }[];
}

/** Rows that were taken away. */
export interface Purged {
  breaks: number;
  pushes: number;
  documents: number;
  journal: number;
}

/** A request for pushes, whatever became of them. */
export interface PushSearch {
  /** Pushes that were live at any moment of it. */
  range: TimeRange;
  /** All accounts when absent or empty. */
  account?: readonly string[];
  limit: number;
}

/**
 * A push that went on for so long after a range is not looked for in it, in ms; only one that is
 * still live is. It bounds what has to be read for a range long ago.
 */
export const MAX_PUSH_AFTER_MS = 3 * 86_400_000;

/**
 * Where everything is kept. All methods are asynchronous so that an embedded and a networked
 * database serve alike. Every method throws `STORE_FAILED` when the database fails, or the `STORE_*`
 * that tells what has to be done: `STORE_FULL`, `STORE_DAMAGED`, `STORE_READ_ONLY`, `STORE_BUSY`.
 */
export interface Store {
  /** `sqlite` or `postgres`. */
  readonly kind: string;
  /** With this another thread opens the store once more. */
  readonly share: StoreShare;
  /**
   * Appends to the journal; resolves only when the entries are on disk (group commit). A key that
   * is already there is reported as a duplicate and changes nothing.
   */
  append(entries: JournalEntry[]): Promise<Appended[]>;
  /** Journal entries after a seq, in order. */
  journal(afterSeq: number, limit: number): Promise<StoredJournalEntry[]>;
  /** The entries of an account with these keys, in order of seq; keys that are not there are absent. */
  journalEntries(account: string, keys: readonly EntryKey[]): Promise<StoredJournalEntry[]>;
  /** Entries of an account and source whose keys lie in a range, in order of key. */
  entriesBetween(
    account: string,
    source: Source,
    range: KeyRange,
    limit: number,
  ): Promise<StoredJournalEntry[]>;
  /** Highest journal seq that is already derived; 0 at first. */
  cursor(): Promise<number>;
  /** Writes derived data and the cursor, all or nothing. */
  commit(batch: DerivedBatch): Promise<void>;
  /** Breaks of one stream whose end lies in a range, oldest first (for merging and pairing). */
  breaksOfStream(stream: StreamKey, range: TimeRange): Promise<BreakRecord[]>;
  /** Pushes of one stream that began in a range, oldest first. */
  pushesOfStream(stream: StreamKey, range: TimeRange): Promise<Push[]>;
  /**
   * Pushes that were live in a range, the latest start first. One that ended more than
   * {@link MAX_PUSH_AFTER_MS} after the range is left out.
   */
  pushesDuring(search: PushSearch): Promise<Push[]>;
  /** Surroundings of several moments at once, in the order asked. */
  nearbyCounts(requests: NearbyCountsRequest[]): Promise<NearbyCounts[]>;
  breakById(id: string): Promise<BreakRecord | null>;
  /** Earlier verdicts on a break, the latest first. */
  earlierVerdicts(id: string): Promise<EarlierVerdict[]>;
  /** Breaks in order of endedAt descending, then id descending. */
  findBreaks(search: BreakSearch): Promise<BreakRecord[]>;
  series(search: SeriesSearch): Promise<SeriesGroup[]>;
  /** Distinct values of a filter in a range, most frequent first. */
  values(name: FilterName, range: TimeRange, limit: number): Promise<string[]>;
  /** Keeps the words of rules by content hash; known hashes are left alone. */
  putRuleTexts(texts: RuleTexts[]): Promise<void>;
  /** The words of the named rule hashes; unknown hashes are absent. */
  ruleTexts(hashes: string[]): Promise<RuleTexts[]>;
  /** Small named states such as poll cursors; JSON values. */
  getState(name: string): Promise<unknown>;
  setState(name: string, value: unknown): Promise<void>;
  /** Inserts documents, or replaces those of the same kind and id; all or nothing. */
  putDocuments(documents: readonly (StoredDocument | DocumentText)[]): Promise<void>;
  /** Documents by `at` descending, then id descending. */
  findDocuments(search: DocumentSearch): Promise<StoredDocument[]>;
  /** Takes documents away; an id that is not there is passed over. */
  removeDocuments(kind: string, ids: readonly string[]): Promise<void>;
  counts(): Promise<{ breaks: number; journal: number }>;
  /** When the oldest break ended, epoch ms UTC; null when there is none. */
  oldest(): Promise<number | null>;
  /**
   * Takes away what is old, in small steps with rests between them, so that appending, deriving and
   * queries hardly notice; then gives space back to the file system. After each step the store is as
   * if what was taken had never been there. Ends early when the store is closed.
   *
   * @param onStep - told what each step took
   */
  purge(request: PurgeRequest, onStep?: (taken: Partial<Purged>) => void): Promise<Purged>;
  /** Ends all work in hand, then releases the data folder. */
  close(): Promise<void>;
}

/** What threads that compute from the store read and write. */
export type ThreadStore = Pick<
  Store,
  | 'journal'
  | 'journalEntries'
  | 'cursor'
  | 'commit'
  | 'breaksOfStream'
  | 'pushesOfStream'
  | 'pushesDuring'
  | 'nearbyCounts'
  | 'breakById'
  | 'findBreaks'
  | 'series'
  | 'ruleTexts'
  | 'getState'
  | 'setState'
  | 'findDocuments'
  | 'putDocuments'
  | 'close'
>;

/** Where an open store is; plain data, so that it can travel to another thread. */
export interface StoreShare {
  kind: 'sqlite';
  /** The data folder. */
  folder: string;
}
