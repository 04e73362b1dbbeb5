import type { EvidenceState } from '../../model/push.ts';

/** The texts of the page in one language. Counts, spans and times are formatted already. */
export interface PageStrings {
  title: string;
  subtitle: string;

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

  acknowledge: string;
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
  collectionDown: (account: string) => string;
  rulesNotActive: string;
  serverNotResponding: string;
  showingDataAsOf: (time: string) => string;
  serverError: string;
  backfill: (account: string, percent: number, since: string) => string;
  backfillLeft: (span: string) => string;
  backfillRunning: string;
}
