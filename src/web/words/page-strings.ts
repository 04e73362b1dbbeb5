import type { EvidenceState } from '../../model/push.ts';
import type { GroupBy } from '../../model/query.ts';
import type { PastState } from '../state/fetch-incidents.ts';
import type { StoryKind } from '../state/incident-story.ts';

/** The texts of the page in one language. Counts, spans and times are formatted already. */
export interface PageStrings {
  title: string;
  subtitle: string;

  pages: string;
  now: string;
  rules: string;
  lookup: string;
  language: string;
  theme: string;
  timeZone: string;
  localZone: (offset: string) => string;
  timeRange: string;
  lastHours: (hours: number) => string;
  search: string;
  account: string;
  allAccounts: string;
  categories: string;
  showEnded: string;
  clearFilters: string;

  openIncidents: (count: number, formatted: string) => string;
  noIncidents: string;
  noIncidentsBlind: string;
  streamsDown: (down: string, streams: string) => string;
  ago: (span: string) => string;
  copyCard: string;
  copyLink: string;
  incidentNotFound: string;
  showOpenIncidents: string;

  alert: string;
  firingAlerts: (formatted: string) => string;
  /** Why a firing alert has not ended although its streams are back. */
  alertClears: (time: string) => string;
  alertSince: (time: string) => string;
  alertSent: (time: string) => string;
  alertNotSent: string;
  /** Why it does not notify: a known mute, or the name of a mute interval. */
  alertMuted: (name: string) => string;
  alertHeldBack: string;
  /** When a rule alerts, for example `1 break per stream within 5m that lasts 1m`. */
  alertCondition: (count: number, per: string, window: string, lasts: string | null) => string;
  groupNames: Record<GroupBy, string>;
  showIncident: string;

  timeLine: string;
  story: Record<StoryKind, string>;
  storyDown: (down: string) => string;
  storyBy: (name: string) => string;
  noStory: string;

  history: string;
  historyCount: (count: number, formatted: string) => string;
  historyEmpty: string;
  historyCut: (count: string) => string;
  allStates: string;
  pastState: Record<PastState, string>;
  incidentState: string;
  streamCount: (count: number, formatted: string) => string;

  acknowledge: string;
  takeOver: string;
  release: string;
  addNote: string;
  askReason: string;
  askNote: string;
  acknowledgedBy: (name: string) => string;
  causeRight: string;
  causeWrong: string;
  recordFix: string;
  askRealCause: string;
  askFix: string;
  yourName: string;
  send: string;
  cancel: string;
  saved: string;
  notSaved: (problem: string) => string;

  breaksByCategory: string;
  gap: (account: string, from: string, to: string) => string;
  noBreaks: string;
  noBreaksHint: string;
  noData: string;
  noDataHint: (callbackUrl: string) => string;
  noKeyHint: (account: string) => string;
  publicAddress: string;
  noMatch: string;
  searching: string;
  loading: string;
  showMore: string;
  truncated: (count: string) => string;

  doNow: string;
  times: (count: string) => string;
  since: (time: string) => string;
  recoveredAfter: (span: string) => string;
  downFor: (span: string) => string;
  silentSince: (time: string) => string;
  retry: Record<'none' | 'after-fix', string>;
  retryIn: (wait: string) => string;
  details: string;

  evidence: string;
  notChecked: string;
  couldAlsoBe: string;
  rule: string;
  runbook: string;
  clientIp: string;
  node: string;
  pushDuration: string;
  neverLive: string;
  breakId: string;

  loadSamples: string;
  reloadSamples: string;
  loadingSamples: string;
  sampleCount: (count: number, span: string) => string;
  videoFps: string;
  videoRate: string;
  audioRate: string;
  timestampLag: string;
  pushUrlParams: string;
  pushExceptions: string;
  streamStateNow: string;
  streamState: Record<EvidenceState, string>;

  accountState: Record<'ok' | 'unverified' | 'blind' | 'starting', string>;
  noAnswer: string;
  collectionDown: (account: string) => string;
  rulesNotActive: string;
  rulesNotPublished: string;
  serverNotResponding: string;
  showingDataAsOf: (time: string) => string;
  serverError: string;
  backfill: (account: string, percent: number, since: string) => string;
  backfillLeft: (span: string) => string;
  backfillRunning: string;
}
