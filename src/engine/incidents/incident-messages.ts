import type { AlertAccount } from '../../alerts/judge/alert-input.ts';
import type { AlertInstance, AlertNotice } from '../../model/alert.ts';
import type { BreakRecord } from '../../model/break-record.ts';
import type { RuleTexts } from '../../model/diagnosis.ts';
import type { MuteIntervals } from '../../model/mute-intervals.ts';
import type { Push } from '../../model/push.ts';
import type { RuleAlert } from '../../model/rule-alert.ts';
import type { StoredIncident } from '../../model/stored-incident.ts';
import type { Seen } from '../../queries/incidents/count-seen.ts';
import type { DocumentText } from '../../store/store.ts';
import type { SettledAccounts } from './incident-memory.ts';

/** What the keeper's thread has to know of the rest of the engine. */
export interface IncidentContext {
  /** Since when begins of pushes are known, epoch ms UTC, by account. */
  pushesSince: Record<string, number | null>;
  accounts: AlertAccount[];
  /** `alert` parts of the rules in force, by id. */
  alerts: Record<string, RuleAlert>;
  mute: MuteIntervals;
}

/** To the thread. `now` is the engine's clock, epoch ms UTC. */
export type ToIncidentThread =
  /** A piece of what the store held at the start. */
  | { kind: 'load'; records: BreakRecord[]; pushes: Push[] }
  /** The store is read; from here on the thread works. */
  | {
      kind: 'begin';
      incidents: StoredIncident[];
      alerts: AlertInstance[];
      settled: SettledAccounts;
      /** All batches up to this one are in the store, or came already. */
      number: number;
      now: number;
    }
  | {
      kind: 'batch';
      number: number;
      records: BreakRecord[];
      removed: string[];
      pushes: Push[];
      now: number;
    }
  | { kind: 'context'; context: IncidentContext; now: number }
  /** What it asked for. */
  | { kind: 'words'; causes: CauseWords[] }
  /** The last turn is stored. */
  | { kind: 'stored' }
  /** Work through all that came, without waiting for more. */
  | { kind: 'hurry' }
  | { kind: 'end' };

/** The words for one cause. */
export interface CauseWords {
  /** Id of the incident that they are for. */
  incident: string;
  cause: BreakRecord;
  firstCause: BreakRecord | null;
  texts: RuleTexts[];
  /** Earlier breaks of this reason in this scope; null when nobody counted them. */
  seen: Seen | null;
}

/** What words are needed for. */
export interface WordsWanted {
  incident: StoredIncident;
  causeId: string;
  firstCauseId: string | null;
}

/** An alert that is new or changed, and how it is kept. */
export interface ChangedAlert {
  alert: AlertInstance;
  document: DocumentText;
}

/** From the thread. */
export type FromIncidentThread =
  | { kind: 'want'; wanted: WordsWanted[] }
  /** A piece of what the turn that follows has made or changed. */
  | { kind: 'piece'; incidents: DocumentText[]; alerts: ChangedAlert[] }
  | {
      kind: 'turn';
      /** All batches up to this one are in it. */
      number: number;
      notices: AlertNotice[];
      /** Ids of alerts that are forgotten. */
      forgotten: string[];
      settled: SettledAccounts;
      /** What it held and how long it took, for metrics and benchmarks. */
      figures: IncidentTurnFigures;
    };

/** How the thread is doing. */
export interface IncidentTurnFigures {
  records: number;
  pushes: number;
  incidents: number;
  turnMs: number;
}
