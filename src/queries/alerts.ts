import type { AlertInstance } from '../model/alert.ts';
import { blindTexts } from '../model/alert-words.ts';
import type { Cell, FieldConfig, FieldType, Frame, Notice } from '../model/frame.ts';
import { matchesPattern } from '../model/match-filters.ts';
import type { AlertsQuery, AlertValue, Filters } from '../model/query.ts';
import type { Language } from '../model/vocabulary.ts';
import { ALERTS_LIMIT } from './parse-query.ts';
import type { AlertSnapshot, QueryContext } from './query-context.ts';

/** How long a resolved alert is still told of as such, ms; who asks more seldom misses its end. */
const RESOLVED_MS = 600_000;

/** Labels of every alert, in the order of columns; all of them stay the same while it lasts. */
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

/** Names of what tells where something is. */
type PlaceFilters = Pick<Filters, 'account' | 'domain' | 'app' | 'stream' | 'node' | 'rule'>;

/**
 * Answers an alerts query with alerts as they stand now.
 *
 * With a value it is a long table of one number, which Grafana takes for one number a set of labels.
 * Rows with `kind` `blind` are there for every account, at all times: an answer without any row means
 * that nobody watches, never that all is well.
 *
 * @throws `STORE_FAILED`
 */
export async function answerAlerts(query: AlertsQuery, context: QueryContext): Promise<Frame[]> {
  const snapshot = (await context.alerts?.()) ?? { instances: [], accounts: [] };
  const wanted = snapshot.instances
    .filter((instance) => passes(instance.labels, query.filters ?? {}))
    .sort(compareAlerts);
  const limit = query.limit ?? ALERTS_LIMIT.usual;
  const notices: Notice[] =
    wanted.length > limit
      ? [
          {
            severity: 'warning',
            text: `Only ${limit} alerts are shown. Filter, or raise the limit.`,
          },
        ]
      : [];
  const language = query.language ?? 'en';
  const frame =
    query.value === undefined
      ? tableOf(wanted.slice(0, limit), language)
      : numbersOf(query.value, wanted, snapshot, query, limit, context.now());
  return [notices.length > 0 ? { ...frame, meta: { ...frame.meta, notices } } : frame];
}

function numbersOf(
  value: AlertValue,
  instances: readonly AlertInstance[],
  { accounts }: AlertSnapshot,
  { filters, language = 'en' }: AlertsQuery,
  limit: number,
  now: number,
): Frame {
  const told = instances.filter(
    ({ kind, told: { page }, resolvedAt }) =>
      kind !== 'blind' &&
      page !== null &&
      (resolvedAt === null || Math.abs(now - resolvedAt) < RESOLVED_MS),
  );
  const rows: Row[] = [
    ...accounts
      .filter(({ account }) => fits(account, filters?.account))
      .map(({ account, blind }) => ({
        labels: blindLabels(account, language),
        value: value === 'state' && blind ? 1 : 0,
      })),
    ...told.slice(0, limit).map((instance) => ({
      labels: labelsOf(instance, language),
      value: numberOf(instance, value),
    })),
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

function numberOf({ state, values }: AlertInstance, value: AlertValue): number | null {
  return value === 'state' ? Number(state === 'firing') : values[value];
}

/** Only what is settled: a label that changes would be another alert to Grafana. */
function labelsOf(
  { id, kind, labels, settled, texts, runbook }: AlertInstance,
  language: Language,
) {
  const words = settled?.[language] ?? settled?.en ?? texts[language] ?? texts.en;
  return {
    alert: id,
    kind,
    account: labels.account,
    category: labels.category,
    severity: labels.severity,
    side: labels.side ?? '',
    scope: labels.scope,
    scopeValue: labels.scopeValue,
    rule: labels.rule,
    incident: labels.incident,
    cause: words?.cause ?? '',
    fix: words?.doNow ?? '',
    runbook,
    team: labels.team ?? '',
  };
}

function blindLabels(account: string, language: Language): Labels {
  const words = blindTexts(account)[language];
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
    cause: words?.cause ?? '',
    fix: words?.doNow ?? '',
    runbook: 'collection-blind',
    team: '',
  };
}

/** What a scope does not tell may be anything: an account's alert is about each of its domains. */
function passes(labels: AlertInstance['labels'], filters: Filters): boolean {
  const { scope, scopeValue } = labels;
  const isPath = ['domain', 'app', 'stream'].includes(scope);
  const [domain, app, stream] = isPath ? splitPath(scopeValue) : [];
  const place: Record<keyof PlaceFilters, string | undefined> = {
    account: labels.account,
    domain,
    app,
    stream,
    node: scope === 'node' ? scopeValue : undefined,
    rule: labels.rule,
  };
  return (
    (Object.keys(place) as (keyof PlaceFilters)[]).every((name) =>
      fits(place[name], filters[name]),
    ) &&
    fits(labels.category, filters.category) &&
    fits(labels.severity, filters.severity) &&
    fits(labels.side, filters.side)
  );
}

/** A StreamName may hold slashes; a domain and an AppName do not. */
function splitPath(path: string): (string | undefined)[] {
  const [domain, app, ...stream] = path.split('/');
  return [domain, app, stream.length > 0 ? stream.join('/') : undefined];
}

function fits(value: string | undefined, wanted: readonly string[] | undefined): boolean {
  return (
    value === undefined ||
    !wanted?.length ||
    wanted.some((pattern) => matchesPattern(pattern, value))
  );
}

const STATE_ORDER = ['firing', 'pending', 'resolved'];
const SEVERITY_ORDER = ['critical', 'warning', 'info'];

/** What needs somebody first: firing and loud before the rest, then the newest. */
function compareAlerts(a: AlertInstance, b: AlertInstance): number {
  const quiet = (alert: AlertInstance) => Number(quietOf(alert) !== null);
  return (
    STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) ||
    quiet(a) - quiet(b) ||
    SEVERITY_ORDER.indexOf(a.labels.severity) - SEVERITY_ORDER.indexOf(b.labels.severity) ||
    b.startsAt - a.startsAt ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Why nobody is told of an alert; null when somebody is. */
function quietOf({ inhibitedBy, mutedBy, labels }: AlertInstance): string | null {
  return mutedBy ?? inhibitedBy ?? (labels.severity === 'info' ? 'info' : null);
}

interface Column {
  name: string;
  type: FieldType;
  config?: FieldConfig;
  cell(alert: AlertInstance, language: Language): Cell;
}

const textOf = ({ texts }: AlertInstance, language: Language) => texts[language] ?? texts.en;

const COLUMNS: readonly Column[] = [
  { name: 'time', type: 'time', cell: ({ startsAt }) => startsAt },
  { name: 'state', type: 'string', cell: ({ state }) => state },
  {
    name: 'title',
    type: 'string',
    cell: (alert, language) => textOf(alert, language)?.title ?? '',
  },
  {
    name: 'cause',
    type: 'string',
    cell: (alert, language) => textOf(alert, language)?.cause ?? '',
  },
  {
    name: 'doNow',
    type: 'string',
    cell: (alert, language) => textOf(alert, language)?.doNow ?? '',
  },
  { name: 'severity', type: 'string', cell: ({ labels }) => labels.severity },
  { name: 'category', type: 'string', cell: ({ labels }) => labels.category },
  { name: 'account', type: 'string', cell: ({ labels }) => labels.account },
  { name: 'scope', type: 'string', cell: ({ labels }) => labels.scope },
  { name: 'scopeValue', type: 'string', cell: ({ labels }) => labels.scopeValue },
  { name: 'streams', type: 'number', cell: ({ values }) => values.streams },
  { name: 'streamsDown', type: 'number', cell: ({ values }) => values.streamsDown },
  { name: 'minutes', type: 'number', config: { unit: 'm' }, cell: ({ values }) => values.minutes },
  {
    name: 'share',
    type: 'number',
    config: { unit: 'percentunit' },
    cell: ({ values }) => values.share,
  },
  {
    name: 'quiet',
    type: 'string',
    config: { description: 'Why nobody is told: a maintenance window, a wider alert, or info.' },
    cell: quietOf,
  },
  { name: 'firingSince', type: 'time', cell: ({ firingSince }) => firingSince },
  { name: 'resolvedAt', type: 'time', cell: ({ resolvedAt }) => resolvedAt },
  { name: 'card', type: 'string', cell: (alert, language) => textOf(alert, language)?.card ?? '' },
  { name: 'kind', type: 'string', cell: ({ kind }) => kind },
  { name: 'rule', type: 'string', cell: ({ labels }) => labels.rule },
  { name: 'incident', type: 'string', cell: ({ labels }) => labels.incident },
  { name: 'runbook', type: 'string', cell: ({ runbook }) => runbook },
  { name: 'id', type: 'string', cell: ({ id }) => id },
];

function tableOf(alerts: readonly AlertInstance[], language: Language): Frame {
  return {
    name: 'alerts',
    meta: { preferredVisualisationType: 'table' },
    fields: COLUMNS.map(({ name, type, config, cell }) => ({
      name,
      type,
      values: alerts.map((alert) => cell(alert, language)),
      ...(config ? { config } : {}),
    })),
  };
}
