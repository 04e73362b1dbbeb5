import type { CallbackType } from '../css/callbacks/index.ts';
import type { PushKey } from '../css/push-url/index.ts';
import type { BreakPosition, BreakRecord } from '../model/break.ts';
import type { RuleTexts } from '../model/diagnosis.ts';
import type { AnswerError, BreakwatchError } from '../model/errors.ts';
import type { BreakEvidence } from '../model/push.ts';
import type { Filters, QueryRequest, QueryService } from '../model/query.ts';
import type { Language, Source } from '../model/vocabulary.ts';
import type { ExplainedEntry } from '../queries/lookup.ts';
import type { EarlierVerdict, TimeRange } from '../store/store.ts';
import type { IncidentTurnFigures } from './incidents/incident-messages.ts';
import type { IncidentService } from './incidents/incident-service.ts';
import type { AnswerEncoding, EncodedAnswer } from './queries/query-workers.ts';
import type { RetentionHooks } from './retention.ts';
import type { SetDifference } from './rules/compare-sets.ts';

/** A request for one page of breaks, newest first. */
export interface BreaksPageRequest {
  /** Compared with the break's `endedAt`. */
  range: TimeRange;
  /** Applied as given: without an outcome filter, normal ends are included. */
  filters: Filters;
  /** Maximum number of records. */
  limit: number;
  /** The last record of the previous page; only records after it are returned. */
  after?: BreakPosition;
}

/** One page of breaks with the texts of their rules. */
export interface BreaksPage {
  /** By endedAt descending, then id descending. */
  records: BreakRecord[];
  /** Texts by rule hash; a hash without stored texts is absent. */
  texts: Map<string, RuleTexts>;
}

/** A part of history to which rules are applied. */
export interface RulesApplication {
  /** Compared with the break's `endedAt`. */
  range: TimeRange;
  /** The end of the previous part; only breaks after it are diagnosed. */
  after?: BreakPosition;
  /** Maximum number of breaks. */
  limit: number;
}

/** The result of one part. */
export interface RulesApplied {
  /** Number of breaks read. */
  read: number;
  /** Number of breaks whose verdict changed. */
  changed: number;
  /** The end of this part; null at the end of the range. */
  next: BreakPosition | null;
  /** Number of breaks in the whole range, with the first part; null with later ones. */
  total: number | null;
  /** Hash of the rule set that was applied. */
  ruleSet: string;
}

/** Asks to publish the rules in the folders of the server that is asked. */
export interface RulesPublishRequest {
  /** Hash of the rules to publish. Without it, the answer says what would change. */
  hash?: string | undefined;
  /** Who publishes them. */
  by: string;
}

/** What publishing rules changes, or has changed. */
export interface RulesPublication extends SetDifference {
  /**
   * `same`: they are in force; `dry-run`: nothing was done; `waiting`: until each server can run them; `replaced`: somebody
   * published others meanwhile.
   */
  state: 'same' | 'dry-run' | 'waiting' | 'in-force' | 'replaced';
  /** Hash of the rules in the folders of the server, and their number. */
  files: string;
  count: number;
  /** The revision that has these rules; null for a dry run. */
  revision: number | null;
  /** What was in force before; null when nothing was published yet. Times are epoch ms UTC. */
  published: { revision: number; set: string; publishedAt: number; by: string } | null;
  waitsFor: { server: string; why: string }[];
}

export type { CallbackType } from '../css/callbacks/index.ts';

/** A callback that is on disk. */
interface AcceptedCallback {
  /** The journal had it already, or it is older than the retention. */
  duplicate: boolean;
  eventType: CallbackType;
}

/** The result of an imported batch. */
export interface ImportedBatch {
  /** Number of new records. */
  accepted: number;
  /** Number of records that were known already. */
  duplicates: number;
  /** Records left out, by their index in the batch, from 0. */
  rejected: { index: number; error: AnswerError }[];
  /** Number of breaks that were given the facts of an export. */
  restored: number;
}

/** How to import. */
export interface ImportOptions {
  /** Whether imported breaks may notify like collected ones; false when absent. */
  notify?: boolean;
}

/** What to export. */
export interface ExportRequest {
  /**
   * Compared with the end of a push, the start of a push that has not ended, or the arrival of another message.
   * Everything when absent.
   */
  range?: TimeRange;
  /** Which streams; all when empty. */
  filters: Pick<Filters, 'account' | 'domain' | 'app' | 'stream'>;
}

/**
 * Breakwatch in one process: it collects, journals, diagnoses and answers. Server, Grafana backend and
 * CLI use only this interface.
 */
export interface Engine extends QueryService, IncidentService {
  /**
   * Stores one CSS callback. Resolves once it is on disk, so that the caller may acknowledge it.
   *
   * @param account - the account name in the callback URL
   * @param body - the parsed JSON body, not yet validated
   * @param now - epoch ms UTC; the clock when absent
   * @throws `UNKNOWN_ACCOUNT`, `CALLBACK_*`, `EVENT_IN_FUTURE`, `STORE_FAILED`
   */
  acceptCallback(account: string, body: unknown, now?: number): Promise<AcceptedCallback>;
  /**
   * Requests what else CSS knows about a break: measurements before it, the state of the stream, push
   * exceptions. A request that fails is listed in `problems`.
   *
   * @throws `UNKNOWN_BREAK`, `EVIDENCE_LIMIT`, `STORE_FAILED`
   */
  evidence(breakId: string, language: Language): Promise<BreakEvidence>;
  /**
   * Imports a batch of records: lines of an export, callback bodies, or records of the event list.
   * Resolves once they are on disk and derived, so that a large import does not delay live events. A
   * record with an error is left out. A record that is known already, collected or imported, is not
   * counted again. Imported breaks notify nobody unless the options say so.
   *
   * @param account - the account of all records; null for the account that each line of an export names, and the
   *   only configured account for other records
   * @param records - a few hundred at most, so that live events do not wait
   * @throws `UNKNOWN_ACCOUNT`, `BAD_QUERY` (the account is missing), `STORE_FAILED`
   */
  importRecords(
    account: string | null,
    records: readonly unknown[],
    options?: ImportOptions,
  ): Promise<ImportedBatch>;
  /**
   * Writes the journal, masked, and the facts of breaks as lines that {@link importRecords} reads, a page of
   * lines at a time.
   *
   * @throws `STORE_FAILED`
   */
  exportLines(request: ExportRequest): AsyncGenerator<string, void>;
  /**
   * Answers queries with JSON as bytes, computed and encoded on another thread.
   *
   * @param signal - stops the work when it aborts
   * @param encoding - how the answer becomes bytes; `columns` without gzip when absent
   * @throws `SERVER_BUSY`, `QUERY_TOO_LARGE`, `QUERY_TOO_SLOW`, the signal's reason; `COLLECTION_BLIND` in the
   *   format of alert rules while collection is down for the accounts of the query
   */
  answer(
    request: QueryRequest,
    signal?: AbortSignal,
    encoding?: Partial<AnswerEncoding>,
  ): Promise<EncodedAnswer>;
  /**
   * Returns one page of whole records, for callers that need more than the columns of a frame.
   *
   * @throws `STORE_FAILED`
   */
  breaks(request: BreaksPageRequest): Promise<BreaksPage>;
  /**
   * Diagnoses stored breaks again with the rules in force, newest first, one part at a time, so that new
   * events wait for one part at most. Verdicts that are replaced are kept as earlier ones.
   *
   * @throws `STORE_FAILED`
   */
  applyRules(request: RulesApplication): Promise<RulesApplied>;
  /**
   * Publishes the rules in the folders of this server to all servers that share its database.
   *
   * @throws `RULES_NOT_SHARED` with SQLite, `RULES_FILES_CHANGED`, `RULE_FILE_INVALID`, `RULE_TEST_FAILED`,
   *   `RULES_FOLDER_MISSING`, `STORE_*`, `DATABASE_*`
   */
  publishRules(request: RulesPublishRequest): Promise<RulesPublication>;
  /**
   * Returns the verdicts of a break that were replaced when rules were applied, the latest first.
   *
   * @throws `STORE_FAILED`
   */
  earlierVerdicts(id: string): Promise<EarlierVerdict[]>;
  /** Returns the texts of rules by content hash; a hash without stored texts is absent. */
  ruleTexts(hashes: Iterable<string>): Promise<Map<string, RuleTexts>>;
  /** Explains a code, an API error or a reason text; empty if it is unknown. */
  lookup(text: string): Promise<ExplainedEntry[]>;
  /**
   * Calls the listener with every break once it is stored, and again when it changes (merged, recovered,
   * diagnosed again). The id of a break stays the same.
   *
   * @param onRemoved - called with the id of a break that no longer exists, because a later message
   *   showed that two were one. Rare: only in retry loops that both sources report out of step
   * @param onMissed - called when breaks may have changed that are not named, because another server derives them
   * @returns ends the subscription
   */
  subscribe(
    listener: (record: BreakRecord) => void,
    onRemoved?: (id: string) => void,
    onMissed?: () => void,
  ): () => void;
  /** Why the last write to the journal failed; null when it succeeded or none was made yet. */
  journalError(): AnswerError | null;
  /** Stops polling, cancels work in flight, and releases the data folder. */
  close(): Promise<void>;
}

/**
 * Functions that an engine calls for metrics. It does not wait for them, and they must not throw.
 */
export interface EngineHooks {
  /** Entries were sent to the journal: the number of new ones and of duplicates. */
  journalled(account: string, source: Source, appended: number, duplicates: number): void;
  /**
   * A poll of the CSS API ended.
   *
   * @param error - null if it succeeded
   */
  polled(account: string, durationMs: number, error: BreakwatchError | null): void;
  /**
   * Entries were turned into breaks.
   *
   * @param entries - number of journal entries in the batch
   * @param error - of a failed batch, which is tried again; null if it succeeded
   */
  derived(entries: number, durationMs: number, error: BreakwatchError | null): void;
  /** Breaks were grouped into incidents, and the result is stored. */
  grouped(figures: IncidentTurnFigures): void;
  /** Old rows were deleted. */
  purged: RetentionHooks['purged'];
  purgeFailed: RetentionHooks['purgeFailed'];
  tooOld: RetentionHooks['tooOld'];
  inFuture: RetentionHooks['inFuture'];
}

/** One Tencent account to watch, with a key pair, callback keys, or both. */
export interface Account {
  /** The account's name in Breakwatch: letters, digits, `-` and `_`; used in callback URLs and labels. */
  name: string;
  /** The site that the account belongs to. */
  site: 'cn' | 'intl';
  /** Base URL of the API, e.g. of a simulator; the site's own when absent. */
  endpoint?: string;
  /** Key pair of a CAM user with read access to CSS; without it there is no polling. */
  credentials?: { secretId: string; secretKey: string };
  /** Valid callback keys; two while a key is being changed. */
  callbackKeys: string[];
  /** Addresses and CIDR ranges that may send callbacks; any when absent. */
  callbackFrom?: string[];
  /** The account's number in the CSS console, the prefix of its stream codes; any when absent. */
  bizid?: string;
  /** Push authentication keys, to check a txSecret. */
  pushKeys: PushKey[];
  /** Whether streams may be dropped, forbidden and resumed; false when absent. */
  actions?: boolean;
  /** How far back the first poll reaches, in ms. */
  backfillMs: number;
  /** Time between polls, in s. */
  pollSeconds: number;
}
