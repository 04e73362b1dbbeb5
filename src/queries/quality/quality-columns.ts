import { renderCard } from '../../model/card/render-card.ts';
import type { Reader } from '../../model/card/segments.ts';
import type { FieldConfig } from '../../model/frame.ts';
import { type Column, WIDE_TEXT } from '../table.ts';
import type { Page } from './read-pages.ts';

/** How the pages of one rule, or of all, turned out. */
export interface RuleRow {
  /** Empty for alerts without a rule. */
  rule: string;
  pages: number;
  healed: number;
  /** Part of the pages, 0 to 1; null without pages. */
  healedShare: number | null;
  taken: number;
  /** Median of the time from the page until somebody took it, ms; null when nobody did. */
  takenAfterMs: number | null;
  /** Median of the time from the page until it was over, ms; null when none was. */
  overAfterMs: number | null;
  right: number;
  wrong: number;
  rated: number;
  /** Part of the feedback that says `right`, 0 to 1; null without feedback. */
  accuracy: number | null;
  low: number | null;
  high: number | null;
}

const SHARE: FieldConfig = { unit: 'percentunit' };
const DURATION: FieldConfig = { unit: 'ms' };

const PAGES: readonly Column<RuleRow>[] = [
  { name: 'pages', type: 'number', cell: ({ pages }) => pages },
  {
    name: 'healed',
    type: 'number',
    config: { description: 'Over within 10 minutes after the page, before anybody took it.' },
    cell: ({ healed }) => healed,
  },
  { name: 'healedShare', type: 'number', config: SHARE, cell: ({ healedShare }) => healedShare },
  {
    name: 'taken',
    type: 'number',
    config: { description: 'Pages whose incident somebody took.' },
    cell: ({ taken }) => taken,
  },
  {
    name: 'takenAfterMs',
    type: 'number',
    config: { ...DURATION, description: 'Median time from the page until somebody took it.' },
    cell: ({ takenAfterMs }) => takenAfterMs,
  },
  {
    name: 'overAfterMs',
    type: 'number',
    config: { ...DURATION, description: 'Median time from the page until it was over.' },
    cell: ({ overAfterMs }) => overAfterMs,
  },
  {
    name: 'right',
    type: 'number',
    config: { description: 'Feedback that the cause was right.' },
    cell: ({ right }) => right,
  },
  {
    name: 'wrong',
    type: 'number',
    config: { description: 'Feedback that the cause was wrong.' },
    cell: ({ wrong }) => wrong,
  },
  {
    name: 'accuracy',
    type: 'number',
    config: { ...SHARE, description: 'Part of the feedback that says right.' },
    cell: ({ accuracy }) => accuracy,
  },
];

/** One row for all pages and feedback. */
export const TOTAL_COLUMNS = PAGES;

/** One row for each rule. */
export const RULE_COLUMNS: readonly Column<RuleRow>[] = [
  { name: 'rule', type: 'string', cell: ({ rule }) => rule },
  ...PAGES,
  {
    name: 'low',
    type: 'number',
    config: { ...SHARE, description: 'The true accuracy is above it with 97.5 % probability.' },
    cell: ({ low }) => low,
  },
  {
    name: 'high',
    type: 'number',
    config: { ...SHARE, description: 'The true accuracy is below it with 97.5 % probability.' },
    cell: ({ high }) => high,
  },
];

/** One row for each page, its texts for a reader. */
export const PAGE_COLUMNS: readonly Column<Page, Reader>[] = [
  { name: 'time', type: 'time', cell: ({ pagedAt }) => pagedAt },
  {
    name: 'title',
    type: 'string',
    config: WIDE_TEXT,
    cell: ({ alert }, reader) => renderCard(alert.card, reader).title,
  },
  { name: 'severity', type: 'string', cell: ({ alert }) => alert.labels.severity },
  { name: 'category', type: 'string', cell: ({ alert }) => alert.labels.category },
  { name: 'rule', type: 'string', cell: ({ alert }) => alert.labels.rule },
  { name: 'account', type: 'string', cell: ({ alert }) => alert.labels.account },
  { name: 'state', type: 'string', cell: ({ alert }) => alert.state },
  {
    name: 'overAfterMs',
    type: 'number',
    config: { ...DURATION, description: 'Time from the page until it was over.' },
    cell: ({ overAfterMs }) => overAfterMs,
  },
  {
    name: 'takenAfterMs',
    type: 'number',
    config: { ...DURATION, description: 'Time from the page until somebody took it.' },
    cell: ({ takenAfterMs }) => takenAfterMs,
  },
  {
    name: 'result',
    type: 'string',
    config: {
      description:
        'healed: over within 10 minutes after the page, before anybody took it. over: later, or taken. silent: nobody tries to push any more.',
    },
    cell: resultOf,
  },
  { name: 'verdict', type: 'string', cell: ({ verdict }) => verdict },
  { name: 'incident', type: 'string', cell: ({ alert }) => alert.labels.incident },
  { name: 'id', type: 'string', cell: ({ alert }) => alert.id },
];

function resultOf({ alert, healed, overAfterMs }: Page): 'healed' | 'over' | 'silent' | 'open' {
  if (overAfterMs !== null) {
    return healed ? 'healed' : 'over';
  }
  return alert.silent ? 'silent' : 'open';
}
