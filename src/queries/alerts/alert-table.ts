import type { AlertInstance } from '../../model/alert.ts';
import type { Cell, FieldConfig, FieldType, Frame } from '../../model/frame.ts';
import type { Language } from '../../model/vocabulary.ts';
import { WIDE_TEXT } from '../breaks/wide-text.ts';

const STATE_ORDER = ['firing', 'pending', 'resolved'];
const SEVERITY_ORDER = ['critical', 'warning', 'info'];

/** What needs somebody first: firing and loud before the rest, then the newest. */
export function compareAlerts(a: AlertInstance, b: AlertInstance): number {
  const mute = (alert: AlertInstance) => Number(muteReasonOf(alert) !== null);
  return (
    STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) ||
    mute(a) - mute(b) ||
    SEVERITY_ORDER.indexOf(a.labels.severity) - SEVERITY_ORDER.indexOf(b.labels.severity) ||
    b.startsAt - a.startsAt ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Why nobody is told of an alert; null when somebody is. */
function muteReasonOf({ inhibitedBy, mutedBy, labels }: AlertInstance): string | null {
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
    config: WIDE_TEXT,
    cell: (alert, language) => textOf(alert, language)?.title ?? '',
  },
  {
    name: 'cause',
    type: 'string',
    config: WIDE_TEXT,
    cell: (alert, language) => textOf(alert, language)?.cause ?? '',
  },
  {
    name: 'doNow',
    type: 'string',
    config: WIDE_TEXT,
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
    cell: muteReasonOf,
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

/** Alerts as a table for people. */
export function alertTable(alerts: readonly AlertInstance[], language: Language): Frame {
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
