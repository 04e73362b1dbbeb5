import type { AlertInstance, AlertNotice, NoticeKind } from '../../src/model/alert.ts';

const T = Date.UTC(2026, 2, 1, 12, 0, 0);

/** An alert of an account in arrears, or with other values. */
export function makeAlert(wish: Partial<AlertInstance> & { id?: string } = {}): AlertInstance {
  const id = wish.id ?? 'incident:inc-1';
  return {
    id,
    kind: 'incident',
    state: 'firing',
    startsAt: T,
    pendingSince: T,
    firingSince: T + 1_000,
    resolvedAt: null,
    updatedAt: T + 1_000,
    inhibitedBy: null,
    mutedBy: null,
    texts: {
      en: {
        title: 'account shop: 9 of 10 live pushes down (Billing)',
        cause: 'The account is in arrears.',
        doNow: 'Top up the account at https://console.example.com?a=1&b=<2>.',
        card: [
          '**account shop: 9 of 10 live pushes down (Billing)**',
          '**Since:** 12:00:00 UTC',
          '**Why:** The account is in arrears. (account, certain)',
          '**Proof:** errcode = 16; \\[x\\]\\_y\\*',
          '**Do now:** Top up the account at https://console.example.com?a=1&b=\\<2\\>.',
          '**Impact:** 12 min on 9 streams',
        ].join('  \n'),
      },
      zh: {
        title: '账号 shop：10 路直播中断 9 路（计费）',
        cause: '账号已欠费。',
        doNow: '在控制台充值。',
        card: '**账号 shop：10 路直播中断 9 路（计费）**  \n**原因:** 账号已欠费。  \n**立即处理:** 在控制台充值。',
      },
    },
    runbook: 'billing-arrears',
    notified: { page: T + 1_000, update: null, resolve: null },
    ...wish,
    labels: {
      alertname: 'BreakwatchIncident',
      account: 'shop',
      category: 'billing',
      severity: 'critical',
      scope: 'account',
      scopeValue: 'shop',
      rule: 'billing/arrears',
      incident: id.replace('incident:', ''),
      ...wish.labels,
    },
    values: { minutes: 12, streams: 9, streamsDown: 9, share: 0.9, ...wish.values },
  };
}

/** A notice of it. Updates of one alert have a number each. */
export function makeNotice(
  kind: NoticeKind = 'page',
  wish: Partial<AlertInstance> = {},
  number = 1,
): AlertNotice {
  const over: Partial<AlertInstance> =
    kind === 'resolve' ? { state: 'resolved', resolvedAt: T + 600_000 } : {};
  const alert = makeAlert({ ...over, ...wish });
  return { id: `${alert.id}:${kind}:${number}`, kind, at: T + number * 1_000, alert };
}

/** The notices of a warning that becomes critical: told, worse, worse for who takes no page of it, over. */
export function makeRise(id = 'incident:inc-1') {
  const { labels } = makeAlert({ id });
  const from = { labels: { ...labels, severity: 'warning' as const }, runbook: 'before' };
  const raised = { at: T + 60_000, from };
  const rise = (kind: NoticeKind, number: number): AlertNotice => ({
    ...makeNotice(kind, { id, raised }, number),
    raised: true,
  });
  return {
    page: makeNotice('page', { id, ...from }),
    worse: rise('page', 2),
    news: rise('update', 3),
    update: makeNotice('update', { id, raised }, 4),
    resolve: makeNotice('resolve', { id, raised }),
  };
}

/** When the alerts of these tests begin, epoch ms UTC. */
export const STARTS_AT = T;
