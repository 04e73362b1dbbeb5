import type { AlertAccount } from '../../alerts/judge/alert-input.ts';
import type { AlertInstance, RuleAlert } from '../../model/alert.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { RuleTexts } from '../../model/diagnosis.ts';
import type { MuteIntervals } from '../../model/mute-intervals.ts';
import type { AlertNotice } from '../../model/notice.ts';
import type { Push } from '../../model/push.ts';
import type { Seen } from '../../queries/incidents/count-seen.ts';
import type { StoreShare } from '../../store/store.ts';
import type { CarriedError } from '../../threads/channel.ts';
import type { LateBreaks } from '../late-breaks.ts';
import type { MemorySize } from './incident-memory.ts';
import type { PackedBreak } from './packed-break.ts';

/** What the incident thread has to know about the rest of the engine. */
export interface IncidentContext {
  /** Since when starts of pushes are known, epoch ms UTC, by account. */
  pushesSince: Record<string, number | null>;
  accounts: AlertAccount[];
  /** `alert` parts of the rules in force, by id. */
  alerts: Record<string, RuleAlert>;
  mute: MuteIntervals;
}

/** A batch of derived breaks and pushes. */
interface IncidentBatch {
  /** Counts batches from 1. */
  number: number;
  records: BreakRecord[];
  /** Breaks that ended before the history that causes notices; absent when there are none. */
  old?: PackedBreak[] | undefined;
  removed: string[];
  pushes: Push[];
  /** Breaks that came too late to be grouped; absent when there are none. */
  late?: LateBreaks | undefined;
}

/** What the incident thread starts with. */
export interface IncidentThreadData {
  store: StoreShare;
}

/** What the incident thread does when it is called. `now` is the engine's clock, epoch ms UTC. */
export interface IncidentOperations {
  /** Loads what is stored and starts to work. Everything up to batch `number` is stored or was sent. */
  begin(start: { context: IncidentContext | undefined; number: number; now: number }): void;
  takeBatch(batch: IncidentBatch, now: number): void;
  setContext(context: IncidentContext, now: number): void;
  /** Works on everything that came, without waiting for more. */
  hurry(): void;
}

/** What the incident thread calls on the engine's side. */
export interface IncidentListener {
  /** Alerts that are new or changed: those stored before, or a part of those the turn changed. */
  alertsChanged(alerts: AlertInstance[]): void;
  /** What was stored before is loaded. */
  loaded(): void;
  /** Hands over what has to be sent; returns when the outbox keeps it. */
  handOver(turn: {
    notices: AlertNotice[];
    /** Ids of alerts that are forgotten. */
    forgotten: string[];
  }): Promise<void>;
  /** A turn is stored. */
  turned(turn: {
    /** All batches up to this one are in it. */
    number: number;
    figures: IncidentTurnFigures;
  }): void;
  /** Something failed; it is tried again. */
  failed(error: CarriedError): void;
}

/** Everything needed to write the texts of an incident's alert. */
export interface CauseWords {
  /** Id of the incident. */
  incident: string;
  cause: BreakRecord;
  firstCause: BreakRecord | null;
  texts: RuleTexts[];
  /** Earlier breaks of this reason in this scope; null when they were not counted. */
  seen: Seen | null;
}

/** Figures of a turn, for metrics and benchmarks. */
export interface IncidentTurnFigures extends MemorySize {
  incidents: number;
  /** Accounts whose breaks were read from the store again since the start of the thread. */
  rereads: number;
  /** From grouping to judged alerts, ms. */
  turnMs: number;
  /** Folding what the turn settled, once its notices are handed over, ms. */
  foldMs: number;
}
