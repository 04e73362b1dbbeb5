import type {
  AlertValue,
  FilterName,
  IncidentPart,
  QualityView,
  QueryType,
  SeriesGroupBy,
  SeriesMeasure,
  StreamHistory,
} from '../../model/query.ts';
import { CATEGORY_COLOURS, SEVERITY_COLOURS } from '../../model/vocabulary.ts';

/** A text of a dashboard in the languages in which dashboards exist. */
export interface Text {
  en: string;
  zh: string;
}

/** A language in which dashboards exist. */
export type DashboardLanguage = keyof Text;

/** Where a panel stands: Grafana's grid has 24 columns, and a row is about 38 px high. */
export interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** A query as a panel stores it, without what all queries have. Values of filters may be variables. */
export interface PanelQuery {
  queryType: QueryType;
  filters?: Partial<Record<FilterName, string[]>>;
  measure?: SeriesMeasure;
  groupBy?: SeriesGroupBy[];
  value?: AlertValue;
  state?: string[];
  muted?: boolean;
  incident?: string;
  part?: IncidentPart;
  show?: QualityView;
  history?: StreamHistory;
  text?: string;
  columns?: string[];
  /** What a table says when nothing was found and collection works; else it is empty, as when nothing is known. */
  whenEmpty?: Text;
  limit?: number;
}

/** A panel without what all panels have. */
export interface PanelSpec {
  type: 'stat' | 'table' | 'timeseries' | 'state-timeline' | 'barchart' | 'bargauge' | 'text';
  title: Text;
  description: Text;
  place: Place;
  /** Absent for a text. */
  query?: PanelQuery;
  /** Points that the panel can draw; as many as it has pixels when absent. */
  maxDataPoints?: number;
  /** A time range of its own, e.g. `7d`, and how far it is moved back. */
  timeFrom?: string;
  timeShift?: string;
  transformations?: object[];
  /** Texts for values. */
  shown?: Readonly<Record<string, Text>>;
  defaults?: object;
  overrides?: object[];
  options: object;
}

/** A dashboard without what all dashboards have. */
export interface DashboardSpec {
  /** Its file and, after `breakwatch`, its uid; the first one is empty. */
  name: '' | '-causes' | '-stream' | '-incident' | '-quality';
  title: Text;
  description: Text;
  /** Names of the variables that it has. */
  variables: readonly VariableName[];
  /** Whether incidents are drawn over its charts. */
  hasAnnotations: boolean;
  /** Its usual range, e.g. `now-1h`. */
  from: string;
  panels: readonly PanelSpec[];
}

/** Variables by the name that queries use. */
export type VariableName =
  | 'account'
  | 'domain'
  | 'app'
  | 'stream'
  | 'category'
  | 'severity'
  | 'incident'
  | 'code';

/** Filters by variables of the dashboard, for all panels that count the same things. */
export const FILTERS = {
  account: ['$account'],
  domain: ['$domain'],
  category: ['$category'],
  severity: ['$severity'],
  stream: ['$stream'],
} satisfies PanelQuery['filters'];

/** What Grafana shows for an unknown value, also after an error. It is never zero. */
export const UNKNOWN = '–';

/** Colours of numbers and lists by what they tell, from the colours of all views. */
export const COLOURS = {
  breaks: SEVERITY_COLOURS.warning,
  lostMinutes: CATEGORY_COLOURS.billing,
  rules: CATEGORY_COLOURS.auth,
  nodes: CATEGORY_COLOURS.network,
  addresses: CATEGORY_COLOURS.client,
} as const;

/** Of a number that is good at 0 and bad from 1: an unknown value is neither. */
export const BAD_FROM_ONE = {
  color: { mode: 'thresholds' },
  thresholds: {
    mode: 'absolute',
    steps: [
      { color: 'text', value: null },
      { color: 'green', value: 0 },
      { color: 'red', value: 1 },
    ],
  },
};

/** Shows the times of a narrow column without the year, and without seconds unless they matter. */
export function shortTime(column: string, { seconds = false } = {}): object {
  return {
    matcher: { id: 'byName', options: column },
    properties: [{ id: 'unit', value: `time:MM-DD HH:mm${seconds ? ':ss' : ''}` }],
  };
}

/** A number. */
export function stat(
  spec: Pick<PanelSpec, 'title' | 'description' | 'place' | 'query'> &
    Partial<PanelSpec> & { calculation: string; fields?: string; colour?: string; unit?: string },
): PanelSpec {
  const { calculation, fields = '', colour = 'text', unit = 'locale', defaults, ...rest } = spec;
  return {
    type: 'stat',
    ...rest,
    defaults: {
      unit,
      decimals: 0,
      color: { mode: 'fixed', fixedColor: colour },
      ...defaults,
    },
    options: {
      reduceOptions: { values: false, calcs: [calculation], fields },
      colorMode: 'value',
      graphMode: 'none',
      textMode: 'value',
      justifyMode: 'auto',
      orientation: 'auto',
      wideLayout: true,
    },
  };
}

/** A table whose columns the query names; their names, words, colours and links come with the answer. */
export function table(
  spec: Pick<PanelSpec, 'title' | 'description' | 'place' | 'query'> &
    Partial<PanelSpec> & {
      /** Widths in px by column; `min:` is a minimum. */
      widths?: Record<string, number | `min:${number}`>;
      showHeader?: boolean;
    },
): PanelSpec {
  const { widths = {}, showHeader = true, ...rest } = spec;
  const overrides = Object.entries(widths).map(([name, width]) => ({
    matcher: { id: 'byName', options: name },
    properties: [
      typeof width === 'number'
        ? { id: 'custom.width', value: width }
        : { id: 'custom.minWidth', value: Number(width.slice(4)) },
    ],
  }));
  return {
    type: 'table',
    ...rest,
    defaults: {
      custom: {
        align: 'left',
        inspect: false,
        filterable: false,
        wrapText: true,
        wrapHeaderText: true,
      },
    },
    overrides: [...overrides, ...(rest.overrides ?? [])],
    options: { showHeader, cellHeight: 'sm', enablePagination: false },
  };
}

/** Counts over time as stacked bars. */
export function bars(
  spec: Pick<PanelSpec, 'title' | 'description' | 'place' | 'query'> & Partial<PanelSpec>,
): PanelSpec {
  return {
    type: 'timeseries',
    maxDataPoints: 120,
    ...spec,
    defaults: {
      min: 0,
      ...spec.defaults,
      custom: {
        drawStyle: 'bars',
        fillOpacity: 85,
        lineWidth: 0,
        barAlignment: 1,
        barWidthFactor: 0.8,
        stacking: { mode: 'normal', group: 'A' },
        showPoints: 'never',
        axisSoftMax: 4,
      },
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: ['sum'] },
      tooltip: { mode: 'multi', sort: 'desc', hideZeros: true },
    },
  };
}

const REGIONS: Text = {
  en: 'Regions are incidents: red is critical, orange is warning, blue is info, grey is no data.',
  zh: '色带为故障：红色严重，橙色警告，蓝色提示，灰色为没有数据。',
};

/** Breaks over time by category, on a dashboard that draws incidents. */
export function breaksByCategory(
  spec: Pick<PanelSpec, 'place'> & Partial<PanelSpec>,
  filters: PanelQuery['filters'] = FILTERS,
): PanelSpec {
  return bars({
    title: { en: 'Breaks by category', zh: '断流次数（按类别）' },
    description: REGIONS,
    query: { queryType: 'series', measure: 'count', groupBy: ['category'], filters },
    ...spec,
  });
}

/** The largest groups of a series query as horizontal bars. */
export function topList(
  spec: Pick<PanelSpec, 'title' | 'description' | 'place' | 'query'> &
    Partial<PanelSpec> & { colour: string },
): PanelSpec {
  const { colour, ...rest } = spec;
  return {
    type: 'bargauge',
    maxDataPoints: 1,
    ...rest,
    transformations: [
      {
        id: 'reduce',
        options: { reducers: ['sum'], mode: 'seriesToRows', includeTimeField: false },
      },
      { id: 'sortBy', options: { fields: {}, sort: [{ field: 'Total', desc: true }] } },
      { id: 'limit', options: { limitField: '10' } },
    ],
    defaults: {
      decimals: 0,
      min: 0,
      color: { mode: 'fixed', fixedColor: colour },
      ...rest.defaults,
    },
    options: {
      displayMode: 'basic',
      orientation: 'horizontal',
      valueMode: 'text',
      namePlacement: 'top',
      showUnfilled: true,
      // With one or two bars, Grafana would fill the panel with them.
      sizing: 'manual',
      minVizHeight: 16,
      maxVizHeight: 28,
      minVizWidth: 8,
      legend: { showLegend: false, displayMode: 'list', placement: 'bottom', calcs: [] },
      reduceOptions: { values: true, calcs: ['sum'], fields: '/^Total$/' },
    },
  };
}
