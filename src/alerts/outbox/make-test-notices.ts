import type { AlertInstance } from '../../model/alert.ts';
import { testCard } from '../../model/card/card.ts';
import type { AlertNotice } from '../../model/notice.ts';

/**
 * Makes a page and its resolve, both marked as a test, for an alert of no real account.
 *
 * @param now - epoch ms UTC
 */
export function makeTestNotices(now: number): AlertNotice[] {
  const alert: AlertInstance = {
    id: `test:${now}`,
    kind: 'incident',
    state: 'firing',
    labels: {
      alertname: 'BreakwatchTest',
      account: 'test',
      category: 'unknown',
      severity: 'info',
      scope: 'account',
      scopeValue: 'test',
      rule: '',
      incident: '',
    },
    values: { minutes: 0, streams: 0, streamsDown: 0, share: null },
    startsAt: now,
    pendingSince: now,
    firingSince: now,
    resolvedAt: null,
    updatedAt: now,
    inhibitedBy: null,
    mutedBy: null,
    card: testCard(),
    runbook: '',
    notified: { page: now, update: null, resolve: null },
  };
  const resolved: AlertInstance = { ...alert, state: 'resolved', resolvedAt: now };
  return [
    { id: `${alert.id}:page:1`, kind: 'page', at: now, alert, test: true },
    { id: `${alert.id}:resolve:1`, kind: 'resolve', at: now, alert: resolved, test: true },
  ];
}
