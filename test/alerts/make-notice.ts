import type { AlertInstance } from '../../src/model/alert.ts';
import type { Card, RichText } from '../../src/model/card/card.ts';
import type { AlertNotice, NoticeKind } from '../../src/model/notice.ts';

const T = Date.UTC(2026, 2, 1, 12, 0, 0);

const rich = (en: string, zh: string, ja: string, ko: string): RichText => ({
  en: [{ kind: 'text', text: en }],
  zh: [{ kind: 'text', text: zh }],
  ja: [{ kind: 'text', text: ja }],
  ko: [{ kind: 'text', text: ko }],
});

/** The card of an account in arrears, with markup in its texts. */
function arrearsCard(): Card {
  const scope = { kind: 'account' as const, account: 'shop', value: 'shop' };
  const value = '[x]_y*';
  return [
    {
      part: 'what',
      facts: [[{ id: 'shareOfScope', category: 'billing', scope, hit: 9, live: 10 }]],
    },
    { part: 'since', facts: [[{ id: 'startedAt', at: T }]] },
    {
      part: 'why',
      facts: [
        [
          {
            id: 'cause',
            text: rich(
              'The account is in arrears.',
              '账号已欠费。',
              'アカウントの支払いが延滞しています。',
              '계정 요금이 연체되었습니다.',
            ),
            side: 'account',
            confidence: 'certain',
          },
        ],
      ],
    },
    {
      part: 'evidence',
      facts: [
        [{ id: 'evidence', fact: 'errcode', value: 16 }],
        [{ id: 'evidence', fact: 'reasonText', value }],
      ],
    },
    {
      part: 'doNow',
      facts: [
        [
          {
            id: 'ruleText',
            text: rich(
              'Top up the account at https://console.example.com?a=1&b=<2>.',
              '在控制台充值。',
              'コンソールでチャージしてください。',
              '콘솔에서 충전하세요.',
            ),
          },
        ],
      ],
    },
    { part: 'impact', facts: [[{ id: 'impact', lostMs: 720_000, streams: 9 }]] },
  ];
}

/** An alert of an account in arrears; `wish` replaces its values. */
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
    card: arrearsCard(),
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

/** A notice of that alert. Each update of one alert has its own number. */
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

/** The notices of a warning that becomes critical: page, second page, its update for channels that do not accept that page, resolve. */
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

/** Start time of the alerts in these tests, epoch ms UTC. */
export const STARTS_AT = T;
