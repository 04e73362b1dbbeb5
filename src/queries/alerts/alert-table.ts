import type { AlertInstance } from '../../model/alert.ts';
import type { Card } from '../../model/card/card.ts';
import { type RenderedCard, renderCard, toPlainText } from '../../model/card/render-card.ts';
import type { Reader } from '../../model/card/segments.ts';
import type { Frame } from '../../model/frame.ts';
import type { Language } from '../../model/vocabulary.ts';
import { buildTable, type Column, type TableOptions, WIDE_TEXT } from '../table.ts';

const STATE_ORDER = ['firing', 'pending', 'resolved'];
const SEVERITY_ORDER = ['critical', 'warning', 'info'];

/** Sorts firing alerts that notify first, then by severity and start time, newest first. */
export function compareAlerts(a: AlertInstance, b: AlertInstance): number {
  const isMuted = (alert: AlertInstance) => Number(muteReasonOf(alert) !== null);
  return (
    STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) ||
    isMuted(a) - isMuted(b) ||
    SEVERITY_ORDER.indexOf(a.labels.severity) - SEVERITY_ORDER.indexOf(b.labels.severity) ||
    b.startsAt - a.startsAt ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Why an alert does not notify; null when it does. */
export function muteReasonOf({ inhibitedBy, mutedBy, labels }: AlertInstance): string | null {
  return mutedBy ?? inhibitedBy ?? (labels.severity === 'info' ? 'info' : null);
}

/** Why an alert does not notify, when no mute interval with a name says it. */
const MUTE_WORDS: Record<Language, { inhibited: string; info: string }> = {
  en: { inhibited: 'a wider alert says it', info: 'severity is info' },
  zh: { inhibited: '更大的告警已包含', info: '级别为提示' },
  ja: { inhibited: 'より広いアラートに含まれる', info: '重大度が情報' },
  ko: { inhibited: '더 넓은 알림에 포함됨', info: '심각도가 정보' },
};

/** The same for people. */
function muteWordsOf(alert: AlertInstance, language: Language): string | null {
  const { inhibited, info } = MUTE_WORDS[language];
  return muteReasonOf(alert) === null
    ? null
    : (alert.mutedBy ?? (alert.inhibitedBy ? inhibited : info));
}

/** An alert with its texts in the language of the reader. */
interface Row extends AlertInstance {
  text: RenderedCard;
  /** The card as lines without markup. */
  plain: string;
  muteWords: string | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { name: 'time', type: 'time', cell: ({ startsAt }) => startsAt },
  { name: 'state', type: 'string', cell: ({ state }) => state },
  {
    name: 'title',
    type: 'string',
    config: WIDE_TEXT,
    cell: ({ text }) => text.title,
  },
  {
    name: 'cause',
    type: 'string',
    config: WIDE_TEXT,
    cell: ({ text }) => text.cause,
  },
  {
    name: 'doNow',
    type: 'string',
    config: WIDE_TEXT,
    cell: ({ text }) => text.doNow,
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
    name: 'muteReason',
    type: 'string',
    config: {
      description: 'Why it does not notify: a mute interval, a wider alert, or severity info.',
    },
    cell: ({ muteWords }) => muteWords,
  },
  { name: 'firingSince', type: 'time', cell: ({ firingSince }) => firingSince },
  { name: 'resolvedAt', type: 'time', cell: ({ resolvedAt }) => resolvedAt },
  { name: 'card', type: 'string', hasLines: true, cell: ({ text }) => text.card },
  { name: 'cardText', type: 'string', hasLines: true, cell: ({ plain }) => plain },
  { name: 'kind', type: 'string', cell: ({ kind }) => kind },
  { name: 'rule', type: 'string', cell: ({ labels }) => labels.rule },
  { name: 'incident', type: 'string', cell: ({ labels }) => labels.incident },
  { name: 'runbook', type: 'string', cell: ({ runbook }) => runbook },
  { name: 'id', type: 'string', cell: ({ id }) => id },
];

/** The card of an alert with the impact of now: the judge writes a card again only when streams break or recover. */
function currentCard({ card, kind, values }: AlertInstance): Card {
  return kind !== 'incident'
    ? card
    : card.map((line) => ({
        ...line,
        facts: line.facts.map((phrases) =>
          phrases.map((phrase) =>
            phrase.id === 'impact' ? { ...phrase, lostMs: values.minutes * 60_000 } : phrase,
          ),
        ),
      }));
}

/**
 * Alerts as a table for people, in the language and time zone of the reader.
 *
 * @param reader - `now`: the end of times that still grow, epoch ms UTC
 * @throws `BAD_QUERY` when a wanted column does not exist
 */
export function alertTable(
  alerts: readonly AlertInstance[],
  reader: Reader & { now: number },
  options: Pick<TableOptions<undefined>, 'columns' | 'pageUrl'>,
): Frame {
  const rows = alerts.map((alert) => {
    const card = currentCard(alert);
    const own = { ...reader, now: alert.resolvedAt ?? reader.now };
    return {
      ...alert,
      text: renderCard(card, own),
      plain: toPlainText(card, own),
      muteWords: muteWordsOf(alert, reader.language),
    };
  });
  return buildTable('alerts', COLUMNS, rows, {
    ...options,
    context: undefined,
    language: reader.language,
  });
}
