import { ALERTS_LIMIT } from '../../contract/limits.ts';
import { type AlertInstance, type AlertLabelSet, labelSetsFor } from '../../model/alert.ts';
import { blindCard, type Card, cardCause, cardStep } from '../../model/card/card.ts';
import { printPhrase } from '../../model/card/render-card.ts';
import { type Reader, showInvisible } from '../../model/card/segments.ts';
import type { Frame, Notice } from '../../model/frame.ts';
import type { AlertsQuery, AlertValue, Filters } from '../../model/query.ts';
import type { AlertSnapshot, QueryContext } from '../query-context.ts';
import { alertTable, compareAlerts, muteReasonOf } from './alert-table.ts';
import { matchesAny, matchesLabels } from './matches-labels.ts';

/** Labels of every alert, in the order of columns. They do not change while the alert fires. */
export const ALERT_LABELS = [
  'alert',
  'kind',
  'account',
  'category',
  'severity',
  'side',
  'scope',
  'scopeValue',
  'rule',
  'incident',
  'cause',
  'fix',
  'runbook',
  'team',
] as const;
type Labels = Record<(typeof ALERT_LABELS)[number], string>;

/** One number with its labels. */
interface Row {
  labels: Labels;
  value: number | null;
}

/**
 * Answers an alerts query with the current alerts.
 *
 * With `value` the answer is a long table, which Grafana reads as one number for each label set. It always
 * has a row with `kind` `blind` for each account, so an answer without rows means that nothing is
 * collected, not that nothing is wrong.
 *
 * @throws `STORE_FAILED`
 */
export async function answerAlerts(query: AlertsQuery, context: QueryContext): Promise<Frame[]> {
  const snapshot = (await context.alerts?.()) ?? {
    instances: [],
    accounts: [],
    resolvedSince: Number.POSITIVE_INFINITY,
  };
  const filters = query.filters ?? {};
  // A receiver that was notified before the severity rose gets the alert until it is resolved.
  const isWanted = (instance: AlertInstance) =>
    query.value === undefined
      ? matchesLabels(instance.labels, filters)
      : labelSetsFor(instance, (labels) => matchesLabels(labels, filters)).length > 0;
  const { state, muted } = query;
  const wanted = snapshot.instances
    .filter(
      (instance) =>
        (!state?.length || state.includes(instance.state)) &&
        (muted === undefined || muted === (muteReasonOf(instance) !== null)) &&
        isWanted(instance),
    )
    .sort(compareAlerts);
  const limit = query.limit ?? ALERTS_LIMIT.defaultValue;
  const notices: Notice[] =
    wanted.length > limit
      ? [
          {
            severity: 'warning',
            text: `Only ${limit} alerts are shown. Filter, or raise the limit.`,
          },
        ]
      : [];
  const reader: Reader = { language: query.language ?? 'en', timeZone: query.timeZone };
  const frame =
    query.value === undefined
      ? alertTable(
          wanted.slice(0, limit),
          { ...reader, now: context.now() },
          {
            columns: query.columns,
            pageUrl: context.pageUrl,
          },
        )
      : valueTable(query.value, wanted, snapshot, query.filters ?? {}, reader, limit);
  return [notices.length > 0 ? { ...frame, meta: { ...frame.meta, notices } } : frame];
}

function valueTable(
  value: AlertValue,
  instances: readonly AlertInstance[],
  { accounts, resolvedSince }: AlertSnapshot,
  filters: Filters,
  reader: Reader,
  limit: number,
): Frame {
  const notified = instances.filter(
    ({ kind, notified: { page }, resolvedAt }) =>
      kind !== 'blind' && page !== null && (resolvedAt === null || resolvedAt > resolvedSince),
  );
  const rows: Row[] = [
    ...accounts
      .filter(({ account }) => matchesAny(account, filters.account))
      .map(({ account, blind }) => ({
        labels: blindLabels(account, reader),
        value: value === 'state' && blind ? 1 : 0,
      })),
    ...notified.slice(0, limit).flatMap((instance) =>
      labelSetsFor(instance, (labels) => matchesLabels(labels, filters)).map((labelSet) => ({
        labels: labelsOf(instance, labelSet, reader),
        value: valueOfAlert(instance, value),
      })),
    ),
  ];
  return {
    name: 'alerts',
    meta: {
      type: 'numeric-long',
      typeVersion: [0, 1],
      preferredVisualisationType: 'table',
    },
    fields:
      rows.length === 0
        ? []
        : [
            ...ALERT_LABELS.map((name) => ({
              name,
              type: 'string' as const,
              values: rows.map(({ labels }) => labels[name]),
            })),
            { name: value, type: 'number', values: rows.map((row) => row.value) },
          ],
  };
}

function valueOfAlert({ state, values }: AlertInstance, value: AlertValue): number | null {
  return value === 'state' ? Number(state === 'firing') : values[value];
}

/** Uses only values that do not change, because Grafana treats changed labels as another alert. */
function labelsOf(
  { id, kind, card }: AlertInstance,
  { labels, settled, runbook }: AlertLabelSet,
  reader: Reader,
) {
  return {
    alert: id,
    kind,
    account: labels.account,
    category: labels.category,
    severity: labels.severity,
    side: labels.side ?? '',
    scope: labels.scope,
    // Message templates print it, so it must not add lines.
    scopeValue: showInvisible(labels.scopeValue),
    rule: labels.rule,
    incident: labels.incident,
    ...causeAndFix(settled ?? card, reader),
    runbook,
    team: labels.team ?? '',
  };
}

function blindLabels(account: string, reader: Reader): Labels {
  return {
    alert: `blind:${account}`,
    kind: 'blind',
    account,
    category: 'unknown',
    severity: 'critical',
    side: 'us',
    scope: 'account',
    scopeValue: account,
    rule: '',
    incident: '',
    ...causeAndFix(blindCard(account), reader),
    runbook: 'collection-blind',
    team: '',
  };
}

function causeAndFix(card: Card, reader: Reader): Pick<Labels, 'cause' | 'fix'> {
  return {
    cause: printPhrase(cardCause(card), reader),
    fix: printPhrase(cardStep(card), reader),
  };
}
