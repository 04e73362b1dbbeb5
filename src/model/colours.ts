import type { Category, Severity } from './vocabulary.ts';

/** One colour a category in every view, far enough apart to be told by eye. */
export const CATEGORY_COLOURS: Record<Category, string> = {
  auth: '#B877D9',
  billing: '#F2CC0C',
  network: '#5794F2',
  client: '#8AB8FF',
  platform: '#F2495C',
  config: '#FF9830',
  operator: '#73BF69',
  unknown: '#8e8e99',
};

/** Stretches of time of which nothing is known, in every view. */
export const GAP_COLOUR = '#6e6e78';

/** Colours of severities, as Grafana paints alert states. */
export const SEVERITY_COLOURS: Record<Severity, string> = {
  critical: '#F2495C',
  warning: '#FF9830',
  info: '#5794F2',
};
