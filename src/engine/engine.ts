import type { CallbackType } from '../css/callbacks/index.ts';
import type { PushKey } from '../css/push-url/index.ts';
import type { BreakPlace, BreakRecord } from '../model/break.ts';
import type { RuleTexts } from '../model/diagnosis.ts';
import type { AnswerError, BreakwatchError } from '../model/errors.ts';
import type { BreakEvidence } from '../model/push.ts';
import type { Filters, QueryService } from '../model/query.ts';
import type { Language, Source } from '../model/vocabulary.ts';
import type { ExplainedEntry } from '../queries/lookup.ts';
import type { EarlierVerdict, TimeRange } from '../store/store.ts';
import type { IncidentService } from './incidents/incident-service.ts';
import type { RetentionHooks } from './retention.ts';

/** A request for one page of breaks, newest first. */
export interface BreaksPageRequest {
  /** Held against the break's endedAt. */
  range: TimeRange;
  /** Exactly what is wanted: an absent outcome filter lets normal ends pass too. */
  filters: Filters;
  /** Records at most. */
  limit: number;
  /** The last record of the page before: only records after it in the order are given. */
  after?: BreakPlace;
}

/** One page of breaks with the words of their rules. */
export interface BreaksPage {
  /** By endedAt descending, then id descending. */
  records: BreakRecord[];
  /** Words by rule hash; a hash whose words are gone is absent. */
  texts: Map<string, RuleTexts>;
}

/** A piece of history that rules are to be applied to. */
export interface RulesApplication {
  /** Held against the break's endedAt. */
  range: TimeRange;
  /** The end of the piece before: only breaks after it in the order. */
  after?: BreakPlace;
  /** Breaks at most. */
  limit: number;
}

/** What became of a piece. */
export interface RulesApplied {
  /** Breaks looked at. */
  read: number;
  /** Those about which something else is concluded now. */
  changed: number;
  /** The end of this piece; null at the end of the range. */
  next: BreakPlace | null;
  /** Breaks in the whole range, told with its first piece; null with the others. */
  total: number | null;
  /** Hash of the rule set that judged. */
  ruleSet: string;
}

export type { CallbackType } from '../css/callbacks/index.ts';

/** A callback that is on disk. */
export interface AcceptedCallback {
  /** The journal had it already, or it tells of a time that is not kept. */
  duplicate: boolean;
  eventType: CallbackType;
}

/** What became of an imported batch. */
export interface ImportedBatch {
  /** Records that were new. */
  accepted: number;
  /** Records that were known already. */
  duplicates: number;
  /** Records left out, by their place in the batch from 0. */
  rejected: { index: number; error: AnswerError }[];
}

/**
 * What Breakwatch does in one process: collect, journal, diagnose, answer. Entrances (server,
 * Grafana backend, CLI) see nothing of it but this.
 */
export interface Engine extends QueryService, IncidentService {
  /**
   * Takes one CSS callback and resolves once it is on disk, so the caller may acknowledge it.
   *
   * @param account - name of the account that the callback address names
   * @param body - the parsed JSON body, not yet judged
   * @param now - epoch ms UTC; the clock when absent
   * @throws `UNKNOWN_ACCOUNT`, `CALLBACK_*`, `STORE_FAILED`
   */
  acceptCallback(account: string, body: unknown, now?: number): Promise<AcceptedCallback>;
  /**
   * What else CSS knows of a break, asked for now: what it measured before it, the stream's state,
   * push exceptions. What can not be asked stands among the problems.
   *
   * @throws `UNKNOWN_BREAK`, `EVIDENCE_LIMIT`, `STORE_FAILED`
   */
  evidence(breakId: string, language: Language): Promise<BreakEvidence>;
  /**
   * Takes a batch of records of one account: callback bodies or records of the event list, as they
   * were exported. Resolves once they are on disk and derived, which keeps an import of any size
   * from standing before live events. A record with an error is left out; what is known already,
   * collected or imported, is not counted again.
   *
   * @param records - a few hundred at most, so that live events need not wait
   * @throws `UNKNOWN_ACCOUNT`, `STORE_FAILED`
   */
  importRecords(account: string, records: readonly unknown[]): Promise<ImportedBatch>;
  /**
   * One page of whole records, for callers that need more than a frame's columns.
   *
   * @throws `STORE_FAILED`
   */
  breaks(request: BreaksPageRequest): Promise<BreaksPage>;
  /**
   * Judges stored breaks anew by the rules in force, newest first, a piece at a time: what arrives
   * meanwhile waits for no more than a piece. Verdicts that change are kept as earlier ones.
   *
   * @throws `STORE_FAILED`
   */
  applyRules(request: RulesApplication): Promise<RulesApplied>;
  /**
   * What was concluded about a break before rules were applied to it, the latest first.
   *
   * @throws `STORE_FAILED`
   */
  earlierVerdicts(id: string): Promise<EarlierVerdict[]>;
  /** The words of rules by content hash; a hash whose words are gone is absent. */
  ruleTexts(hashes: Iterable<string>): Promise<Map<string, RuleTexts>>;
  /** What a code, an API error or a reason text means; empty when nothing is known of it. */
  lookup(text: string): Promise<ExplainedEntry[]>;
  /**
   * Tells of every break once it is stored, and again whenever it changes (merged, recovered,
   * judged anew); the event's id stays the same.
   *
   * @param onRemoved - told the id of an event that is no more, because a later message showed that
   *   two were one. Rare: only in retry loops that both sources see out of step
   * @returns ends the subscription
   */
  subscribe(listener: (record: BreakRecord) => void, onRemoved?: (id: string) => void): () => void;
  /** Ends polling and all work in hand, then releases the data folder. */
  close(): Promise<void>;
}

/**
 * What an engine reports for counting. An engine calls these and never waits for them; they must
 * not throw.
 */
export interface EngineHooks {
  /** Entries came to the journal: how many were new and how many it had already. */
  journalled(account: string, source: Source, appended: number, duplicates: number): void;
  /**
   * A poll of the CSS API ended.
   *
   * @param error - why it failed; null when it succeeded
   */
  polled(account: string, durationMs: number, error: BreakwatchError | null): void;
  /**
   * Entries were turned into breaks.
   *
   * @param entries - journal entries of the batch
   * @param error - why the batch failed (it is tried again); null when it succeeded
   */
  derived(entries: number, durationMs: number, error: BreakwatchError | null): void;
  /** Old rows were taken away. */
  purged: RetentionHooks['purged'];
  purgeFailed: RetentionHooks['purgeFailed'];
  tooOld: RetentionHooks['tooOld'];
}

/** One Tencent account to watch. Either a key pair, callback keys, or both. */
export interface Account {
  /** Breakwatch's name of it: letters, digits, `-` and `_`; stands in callback URLs and labels. */
  name: string;
  /** The site that the account belongs to. */
  site: 'cn' | 'intl';
  /** Another base URL of the API, e.g. a simulator's; the site's own when absent. */
  endpoint?: string;
  /** Key pair of a CAM user that may read CSS; without it there is no polling. */
  credentials?: { secretId: string; secretKey: string };
  /** Callback keys valid now; two while a key is being changed. */
  callbackKeys: string[];
  /** Addresses and CIDR ranges that callbacks may come from; from anywhere when absent. */
  callbackFrom?: string[];
  /** The account's number in the CSS console, with which its stream codes begin; any when absent. */
  bizid?: string;
  /** Push authentication keys, to tell whether a txSecret fits. */
  pushKeys: PushKey[];
  /** Whether streams may be dropped, forbidden and resumed; false when absent. */
  actions?: boolean;
  /** How far back the first poll reaches, in ms. */
  backfillMs: number;
  /** Time between polls, in s. */
  pollSeconds: number;
}
