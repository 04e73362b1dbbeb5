import type { AlertLabels } from '../../model/alert.ts';
import { blindCard, forewarningCard, serviceCard } from '../../model/card/card.ts';
import { isWithin, type MuteIntervals } from '../../model/mute-intervals.ts';
import type { Forewarning } from '../../model/push.ts';
import type { AlertAccount } from './alert-input.ts';
import type { Subject } from './alert-subject.ts';

/** Name of the mute that applies to forewarnings outside of their hours. */
const FOREWARNING_HOURS = 'night';

const NO_VALUES = { minutes: 0, streams: 0, streamsDown: 0, share: null };

/** Makes the subjects of an account: collection is down, and its CSS service is stopped. */
export function subjectsOfAccount(state: AlertAccount, now: number): Subject[] {
  const { account, blind, blindSince, service } = state;
  const labels = (alertname: string, category: AlertLabels['category']): AlertLabels => ({
    alertname,
    account,
    category,
    severity: 'critical',
    side: category === 'billing' ? 'account' : 'us',
    scope: 'account',
    scopeValue: account,
    rule: '',
    incident: '',
  });
  const subjects: Subject[] = [];
  const isStopped = service === 'arrears' || service === 'stopped';
  // A stopped service answers no poll, so the stop is the alert, not the failed collection.
  if (blind && !isStopped) {
    const since = blindSince ?? now;
    subjects.push({
      ...accountSubject('blind', `blind:${account}`, since, now, `account ${account}`),
      triggers: [trigger(labels('BreakwatchBlind', 'unknown'), since, 'collection-blind')],
      card: () => blindCard(account),
    });
  }
  if (isStopped) {
    subjects.push({
      ...accountSubject('account', `account:${account}`, now, now, `account ${account}`),
      triggers: [
        {
          ...trigger(labels('BreakwatchAccount', 'billing'), now, 'billing-arrears'),
          // Callbacks of the cut streams arrive within seconds; their incident says more and pages instead.
          isWide: false,
        },
      ],
      card: () => serviceCard(account, service),
    });
  }
  return subjects;
}

/** Makes the subject of pushes whose URL will expire soon. */
export function subjectOfForewarning(
  warning: Forewarning,
  { forewarnings }: MuteIntervals,
  now: number,
): Subject {
  const { account, domain, streams } = warning;
  const labels: AlertLabels = {
    alertname: 'BreakwatchForewarning',
    account,
    category: 'auth',
    severity: 'warning',
    side: 'us',
    scope: 'domain',
    scopeValue: domain,
    rule: '',
    incident: '',
  };
  return {
    ...accountSubject(
      'forewarning',
      `forewarning:${account}/${domain}`,
      now,
      now,
      `domain ${domain}`,
    ),
    values: { ...NO_VALUES, streams },
    triggers: [trigger(labels, now, 'auth-url-expired')],
    mutedBy: forewarnings !== null && isWithin(forewarnings, now) ? null : FOREWARNING_HOURS,
    card: () => forewarningCard(warning),
  };
}

function accountSubject(
  kind: Subject['kind'],
  key: string,
  startsAt: number,
  lastAt: number,
  scope: string,
): Omit<Subject, 'triggers' | 'card'> {
  return {
    kind,
    key,
    startsAt,
    lastAt,
    isRecurring: false,
    isQuiet: false,
    quietStreams: 0,
    values: NO_VALUES,
    scope,
    over: null,
    mutedBy: null,
    incident: null,
    alertOf: () => undefined,
  };
}

function trigger(labels: AlertLabels, since: number, runbook: string) {
  return { labels, since, forMs: 0, isWide: true, isOngoing: true, isQuiet: false, runbook };
}
