import type { BreakRecord, JournalEntry, StoredJournalEntry, StreamKey } from '../model/break.ts';
import type { RuleTexts, Verdict } from '../model/diagnosis.ts';
import type { StoreConnections, StoreIntegrity } from '../model/health.ts';
import type { Push } from '../model/push.ts';
import type { FilterName, Filters, GroupBy, SeriesMeasure } from '../model/query.ts';
import type { Source } from '../model/vocabulary.ts';
import type { PostgresShare } from './postgres/share.ts';
import type { RuleRevisions } from './rule-revisions.ts';

/** A half-open time range, epoch ms UTC: `from` inclusive, `to` exclusive. */
export interface TimeRange {
  from: number;
  to: number;
}

/** Result of appending a journal entry. */
interface Appended {
  /** Its place in the journal; for a duplicate, the place of the first arrival. */
  seq: number;
  duplicate: boolean;
}

/** A half-open range of keys, in byte order. */
export interface KeyRange {
  from: string;
  to: string;
}

/** Identifies a journal entry within its account. */
export type EntryKey = Pick<JournalEntry, 'source' | 'key'>;

/** Everything derived from journal entries up to `cursor`, written in one transaction. */
export interface DerivedBatch {
  /** Inserted, or replaces the record with the same event id. */
  breaks: BreakRecord[];
  /**
   * Ids of events that no longer exist, because several were merged. They are deleted before `breaks` are
   * written; unknown ids are ignored.
   */
  removed: string[];
  /** Inserted, or replaces the push of the same stream with the same sequence or start. */
  pushes: Push[];
  /** Highest journal seq that is now derived. */
  cursor: number;
  /**
   * Breaks that are deliberately diagnosed again: their current verdicts are kept as earlier verdicts,
   * replaced at `at`, epoch ms UTC. Unknown ids are ignored.
   */
  supersedes?: { ids: readonly string[]; at: number };
  /** Inserted, or replaces the documents of the same kind and id. */
  documents?: readonly DocumentText[];
}

/** A verdict that was replaced because the break was deliberately diagnosed again. */
export interface EarlierVerdict {
  /** When it was replaced, epoch ms UTC. */
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
   * Only breaks that were stored after this place, whenever they ended; see {@link Store.lastPlace}. It reads them in the
   * order in which they were stored, so it is meant for the few that are new.
   */
  newerThan?: number;
  /**
   * What must be in the range: with `ended` (default) the break's endedAt, with `overlap` any part of the
   * span from break to recovery, which has no end before the recovery.
   */
  by?: 'ended' | 'overlap';
  /** Only breaks, and normal ends, that have not recovered. */
  isOpen?: true;
  /**
   * Reads only what grouping needs, which takes a third of the time: of the facts only the numbers with these
   * names; no evidence, code, reason text or sequence; sources only of breaks that were imported
   * without notifying; outcome and reason as the verdict has them. The verdicts are shared, so they must not
   * be changed.
   */
  briefFacts?: readonly string[];
  /**
   * Reads only what the states of streams are judged from, in a third of the time of brief records: place, times and labels.
   * What `briefFacts` leaves out is left out, too, and so are all facts and sources. Of the verdict's other fields,
   * only refusals that had not recovered at the end of the range have the true ones; read another break again before you
   * show more of it.
   */
  endsOnly?: true;
}

/** A request for counts over time. */
export interface SeriesSearch {
  range: TimeRange;
  filters: Filters;
  groupBy: GroupBy[];
  stepMs: number;
  measure: SeriesMeasure;
  limit: number;
  /** End of the down-time of breaks that have not recovered, epoch ms UTC; for `lostMinutes`. */
  now: number;
  /** Maximum number of points of all groups together; unlimited when absent. */
  maxPoints?: number;
}

/** One group; `points` has one value per step, from the range's start rounded down to a step. */
export interface SeriesGroup {
  labels: Record<string, string>;
  points: Float64Array | number[];
}

/** Counts of breaks in the window before a moment. */
export interface NearbyCounts {
  breaksOfClientIp: number;
  breaksOfNode: number;
  breaksOfDomain: number;
}

/** A request for what is near a moment. */
export interface NearbyRequest {
  account: string;
  domain: string;
  reason: string;
  clientIp: string | null;
  node: string | null;
  /** End of the window, exclusive, epoch ms UTC. */
  before: number;
  windowMs: number;
}

/** A break in the window before a moment, as far as counting streams needs it. */
export interface NearbyBreak {
  id: string;
  /** Account, domain, app and stream; as `streamText` writes them. */
  key: string;
  domain: string;
  app: string;
  reason: string;
  /** It ended a live push; a refused try does not. */
  cut: boolean;
  /** Epoch ms UTC. */
  endedAt: number;
}

/**
 * Latest breaks that {@link Store.nearby} reads of one kind, node or address: a storm must not be read for
 * each event.
 */
export const MAX_NEARBY = 50;

/**
 * Breaks around a moment: in its window, and some outside of it when several requests share a list. A
 * list has at most a few hundred of the latest breaks of each kind, which is enough to tell few from many.
 */
export interface NearbyBreaks {
  /** Of the account, with the same reason. */
  sameReason: readonly NearbyBreak[];
  /** On the node, with any reason. */
  ofNode: readonly NearbyBreak[];
  /** From the client address, with any reason. */
  ofClientIp: readonly NearbyBreak[];
}

/** What the store holds around a moment. */
export interface Nearby extends NearbyCounts, NearbyBreaks {}

/**
 * A small object that is stored by kind and id and is not a break: an incident, an alert, a notice that
 * must be sent, or feedback on a diagnosis.
 */
export interface StoredDocument {
  kind: string;
  /** Unique within its kind. */
  id: string;
  account: string;
  /** Time for order and search, epoch ms UTC. */
  at: number;
  /** Whether work on it is not finished; open documents are found without reading the others. */
  open: boolean;
  /** End of the time that it is about, epoch ms UTC; null or absent when it has none. */
  endedAt?: number | null;
  /** JSON value. */
  body: unknown;
}

/** A document whose body is already JSON text, so that the store need not serialize it. */
export interface DocumentText extends Omit<StoredDocument, 'body'> {
  json: string;
}

/** A request for documents; all given conditions must match. */
export interface DocumentSearch {
  kind: string;
  ids?: readonly string[];
  open?: boolean;
  account?: readonly string[];
  range?: TimeRange;
  /** Those that began before the end of a range and did not end before it; `endedAt` must be set. */
  overlaps?: TimeRange;
  limit: number;
}

/** Which old data is deleted. Times are epoch ms UTC. */
export interface PurgeRequest {
  /** Deletes breaks and pushes that ended before this, and earlier documents that are not open. */
  before: number;
  /** Deletes derived entries at the beginning of the journal that arrived before this. */
  arrivedBefore: number;
  /**
   * A push that began before {@link before} and whose end was not reported is deleted when the stream has
   * a later push, or when it began before this.
   */
  openBefore: number;
  /** Keeps journal entries after this seq, because they are not exported yet; no limit when absent. */
  journalTo?: number;
  /** Deletes earlier counts by minute; the start of a UTC day. No result changes. */
  minutesBefore: number;
  /** Keeps failures and pushes of an account that ended since `from`, because open incidents need them. */
  needed: readonly { account: string; from: number }[];
}

/** Numbers of deleted rows. */
export interface Purged {
  breaks: number;
  pushes: number;
  documents: number;
  journal: number;
}

/** A request for pushes, with any outcome or still live. */
export interface PushSearch {
  /** Finds pushes that were live at any time in it. */
  range: TimeRange;
  /** All accounts when absent or empty. */
  account?: readonly string[];
  limit: number;
}

/**
 * `pushesDuring` leaves out pushes that ended more than this after the range, ms, except those that are
 * still live. It limits how much is read for an old range.
 */
export const MAX_PUSH_AFTER_MS = 3 * 86_400_000;

/**
 * Stores the journal and everything derived from it. All methods are asynchronous, so that embedded and
 * networked databases can implement it. Every method throws `STORE_FAILED` when the database fails, or a
 * specific code: `STORE_FULL`, `STORE_DAMAGED`, `STORE_READ_ONLY`, `STORE_BUSY`, and for PostgreSQL
 * `DATABASE_UNREACHABLE`, `DATABASE_REFUSED`, `DATABASE_NO_RIGHTS`, `DATABASE_OWNED`.
 */
export interface Store {
  /** `sqlite` or `postgres`. */
  readonly kind: string;
  /** Lets another thread open its own connection, see `openThreadStore`. */
  readonly share: StoreShare;
  /** The revisions of the rules that were published; absent with SQLite, where the files of the one server are in force. */
  readonly revisions?: RuleRevisions;
  /**
   * Appends to the journal. Resolves when the entries are on disk (group commit). A known key is reported
   * as a duplicate and changes nothing.
   */
  append(entries: JournalEntry[]): Promise<Appended[]>;
  /** Writes to the journal's disk without adding an entry. @throws `STORE_*` when that fails */
  tryJournal(): Promise<void>;
  /** Journal entries after a seq, in order. */
  journal(afterSeq: number, limit: number): Promise<StoredJournalEntry[]>;
  /** The entries of an account with these keys, in order of seq; unknown keys are left out. */
  journalEntries(account: string, keys: readonly EntryKey[]): Promise<StoredJournalEntry[]>;
  /** Entries of an account and source whose keys are in a range, in order of key. */
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
  /** Breaks of one stream that ended in a range, oldest first. */
  breaksOfStream(
    stream: StreamKey,
    range: TimeRange,
    options?: BreaksOfStream,
  ): Promise<BreakRecord[]>;
  /** Like `breaksOfStream` if there are at most so many; null when there may be more, which costs little. */
  fewBreaksOfStream(
    stream: StreamKey,
    range: TimeRange,
    most: number,
  ): Promise<BreakRecord[] | null>;
  /** When the pushes of a stream ended in a range, oldest first. Reads far less than `breaksOfStream`. */
  endsOfStream(stream: StreamKey, range: TimeRange): Promise<StreamEnd[]>;
  /** Whether another source than this one reported a break of a stream in a range. */
  hasOtherSource(stream: StreamKey, range: TimeRange, source: Source): Promise<boolean>;
  /** Pushes of one stream that began in a range, oldest first. */
  pushesOfStream(stream: StreamKey, range: TimeRange, options?: PushesOfStream): Promise<Push[]>;
  /**
   * Pushes that were live in a range, latest start first. A push that ended more than
   * {@link MAX_PUSH_AFTER_MS} after the range is left out.
   */
  pushesDuring(search: PushSearch): Promise<Push[]>;
  /** Counts and breaks near several moments at once, in the order of the requests. */
  nearby(requests: NearbyRequest[]): Promise<Nearby[]>;
  breakById(id: string): Promise<BreakRecord | null>;
  /** Earlier verdicts of a break, latest first. */
  earlierVerdicts(id: string): Promise<EarlierVerdict[]>;
  /** Breaks in order of endedAt descending, then id descending. */
  findBreaks(search: BreakSearch): Promise<BreakRecord[]>;
  /**
   * The place of the break that was stored last; 0 when there is none. A break that is stored later gets a higher place,
   * and keeps it when it changes.
   */
  lastPlace(): Promise<number>;
  /** @throws `QUERY_TOO_LARGE` when the groups have more than `maxPoints` points */
  series(search: SeriesSearch): Promise<SeriesGroup[]>;
  /** Distinct values of a filter in a range that contain `search`, in any case, most frequent first. */
  values(name: FilterName, range: TimeRange, limit: number, search?: string): Promise<string[]>;
  /** Stores the texts of rules by content hash; known hashes are not changed. */
  putRuleTexts(texts: RuleTexts[]): Promise<void>;
  /** The texts of rules by content hash; unknown hashes are left out. */
  ruleTexts(hashes: string[]): Promise<RuleTexts[]>;
  /** Reads a small named JSON value, such as a poll cursor; undefined when it was never set. */
  getState(name: string): Promise<unknown>;
  setState(name: string, value: unknown): Promise<void>;
  /** Inserts documents, or replaces those of the same kind and id; all or nothing. */
  putDocuments(documents: readonly (StoredDocument | DocumentText)[]): Promise<void>;
  /** Documents by `at` descending, then id descending. */
  findDocuments(search: DocumentSearch): Promise<StoredDocument[]>;
  /** Deletes documents; unknown ids are ignored. */
  removeDocuments(kind: string, ids: readonly string[]): Promise<void>;
  /**
   * Result of the check of the database files, which runs once after the start; null when the files belong to
   * a database server.
   */
  integrity(): StoreIntegrity | null;
  /** Connections to the database server, without those of threads; null when there is none. */
  connections(): StoreConnections | null;
  /** Number of breaks, which may be an estimate when there are many, and of journal entries. */
  counts(): Promise<{ breaks: number; journal: number }>;
  /** When the oldest break ended, epoch ms UTC; null when there is none. */
  oldest(): Promise<number | null>;
  /** End of the oldest month that has a partition of its own, epoch ms UTC; null when the database has none. */
  oldestPartition(): Promise<number | null>;
  /**
   * Deletes old data in small steps with pauses between them, so that appends, deriving and queries are
   * hardly delayed; then returns free space to the file system. After each step the store is as if the
   * deleted rows had never existed. Ends early when the store is closed.
   *
   * @param onStep - called with the rows that each step deleted
   */
  purge(request: PurgeRequest, onStep?: (deleted: Partial<Purged>) => void): Promise<Purged>;
  /** Finishes work in flight, then releases the data folder. */
  close(): Promise<void>;
}

/** Which breaks of a stream to return. */
export interface BreaksOfStream {
  /** Only the first ones. */
  first?: number;
  /** Only the last failure. */
  lastFailure?: boolean;
}

/** Which pushes of a stream to return. */
export interface PushesOfStream {
  /** Only the last ones of the range. */
  last?: number;
  /** Also those with one of these sequences that began before the range. */
  sequences?: readonly string[];
}

/** The end of a push. */
export interface StreamEnd {
  /** Start of the push, epoch ms UTC; null when it is not known. */
  startedAt: number | null;
  /** Epoch ms UTC. */
  endedAt: number;
  /** Not a normal end. */
  failed: boolean;
}

/** The part of the store that computing threads use. */
export type ThreadStore = Pick<
  Store,
  | 'journal'
  | 'journalEntries'
  | 'cursor'
  | 'commit'
  | 'breaksOfStream'
  | 'fewBreaksOfStream'
  | 'endsOfStream'
  | 'hasOtherSource'
  | 'pushesOfStream'
  | 'pushesDuring'
  | 'nearby'
  | 'breakById'
  | 'findBreaks'
  | 'series'
  | 'putRuleTexts'
  | 'ruleTexts'
  | 'getState'
  | 'setState'
  | 'findDocuments'
  | 'putDocuments'
  | 'removeDocuments'
  | 'close'
>;

/** The part of the store that threads for queries use. */
export type QueryStore = Pick<
  Store,
  | 'breakById'
  | 'findBreaks'
  | 'findDocuments'
  | 'getState'
  | 'lastPlace'
  | 'pushesDuring'
  | 'pushesOfStream'
  | 'ruleTexts'
  | 'series'
  | 'close'
>;

/** Location of an open SQLite store. */
interface SqliteShare {
  kind: 'sqlite';
  /** The data folder. */
  folder: string;
}

/** Location of an open store; plain data, so that it can be sent to another thread. */
export type StoreShare = SqliteShare | PostgresShare;
