import {
  CATEGORY_COLOURS,
  GAP_COLOUR,
  SEVERITIES,
  SEVERITY_COLOURS,
} from '../../model/vocabulary.ts';
import { causes } from './causes.ts';
import {
  type DashboardLanguage,
  type DashboardSpec,
  FILTERS,
  type PanelSpec,
  type Text,
  UNKNOWN,
} from './dashboard.ts';
import { incident } from './incident.ts';
import { now } from './now.ts';
import { quality } from './quality.ts';
import { stream } from './stream.ts';
import { variables } from './variables.ts';

/** All dashboards, in the order of the menu. */
const DASHBOARDS: readonly DashboardSpec[] = [now, causes, stream, incident, quality];
const PLUGIN_ID = 'breakwatch-css-datasource';

/** One dashboard as a file of JSON. */
export interface DashboardFile {
  /** Name of the file. */
  name: string;
  title: string;
  json: object;
}

/** Who reads the file: Grafana's provisioning, or the import from the plugin's page, which asks for the data source. */
export type DashboardUse = 'provisioned' | 'bundled';

/** Builds every dashboard in every language. */
export function buildDashboards(use: DashboardUse): DashboardFile[] {
  const uid = use === 'bundled' ? '${DS_BREAKWATCH}' : 'breakwatch';
  const datasource = { type: PLUGIN_ID, uid };
  return (['en', 'zh'] as const).flatMap((language) =>
    DASHBOARDS.map((spec) => ({
      name: `${uidOf(spec, language)}.json`,
      title: spec.title[language],
      json: { ...(use === 'bundled' ? INPUTS : {}), ...dashboard(spec, language, datasource) },
    })),
  );
}

const INPUTS = {
  __inputs: [
    {
      name: 'DS_BREAKWATCH',
      label: 'Breakwatch',
      type: 'datasource',
      pluginId: PLUGIN_ID,
      pluginName: 'Breakwatch for Tencent Cloud CSS',
    },
  ],
};

function uidOf({ name }: DashboardSpec, language: DashboardLanguage): string {
  return `breakwatch${name}${language === 'zh' ? '-zh' : ''}`;
}

function dashboard(spec: DashboardSpec, language: DashboardLanguage, datasource: object): object {
  const tag = language === 'zh' ? 'breakwatch-zh' : 'breakwatch';
  return {
    uid: uidOf(spec, language),
    title: spec.title[language],
    description: spec.description[language],
    tags: [tag, 'live', 'tencent-cloud'],
    schemaVersion: 42,
    version: 1,
    editable: true,
    graphTooltip: 1,
    fiscalYearStartMonth: 0,
    weekStart: '',
    timezone: 'browser',
    refresh: 'auto',
    time: { from: spec.from, to: 'now' },
    timepicker: { refresh_intervals: ['5s', '10s', '30s', '1m', '5m', '15m'] },
    // The other dashboards of the language, with the time range.
    links: [
      {
        type: 'dashboards',
        title: 'Breakwatch',
        tags: [tag],
        asDropdown: false,
        includeVars: false,
        keepTime: true,
        targetBlank: false,
        icon: 'external link',
        tooltip: '',
        url: '',
      },
    ],
    preload: false,
    templating: { list: variables(spec.variables, language, datasource) },
    annotations: { list: annotations(spec, language, datasource) },
    panels: spec.panels.map((one, index) => panel(one, index + 1, language, datasource)),
  };
}

function panel(
  { title, description, place, query, shown, defaults, ...rest }: PanelSpec,
  id: number,
  language: DashboardLanguage,
  datasource: object,
): object {
  const { overrides = [], ...others } = rest;
  return {
    id,
    title: title[language],
    description: description[language],
    gridPos: place,
    ...(query
      ? {
          datasource,
          targets: [
            {
              refId: 'A',
              datasource,
              ...query,
              ...(query.whenEmpty ? { whenEmpty: query.whenEmpty[language] } : {}),
              language: '$language',
            },
          ],
        }
      : {}),
    fieldConfig: {
      defaults: {
        noValue: UNKNOWN,
        ...defaults,
        ...(shown ? { mappings: [mapping(shown, language)] } : {}),
      },
      overrides,
    },
    ...others,
  };
}

function mapping(shown: Readonly<Record<string, Text>>, language: DashboardLanguage): object {
  return {
    type: 'value',
    options: Object.fromEntries(
      Object.entries(shown).map(([value, text], index) => [value, { index, text: text[language] }]),
    ),
  };
}

const LAYERS: Record<(typeof SEVERITIES)[number] | 'gaps' | 'breaks', Text> = {
  gaps: { en: 'No data', zh: '无数据' },
  critical: { en: 'Critical', zh: '严重' },
  warning: { en: 'Warning', zh: '警告' },
  info: { en: 'Info', zh: '提示' },
  breaks: { en: 'Single breaks', zh: '单次断流' },
};

/** At most so many regions are drawn. */
const MAX_REGIONS = 60;

function annotations(
  { hasAnnotations, variables: names }: DashboardSpec,
  language: DashboardLanguage,
  datasource: object,
): object[] {
  const builtIn = {
    builtIn: 1,
    datasource: { type: 'grafana', uid: '-- Grafana --' },
    enable: false,
    hide: false,
    placement: 'inControlsMenu',
    iconColor: 'rgba(0, 211, 255, 1)',
    name: 'Annotations & Alerts',
    type: 'dashboard',
  };
  if (!hasAnnotations) {
    return [builtIn];
  }
  const layer = (name: keyof typeof LAYERS, colour: string, query: object, enable = true) => ({
    name: LAYERS[name][language],
    datasource,
    enable,
    hide: false,
    iconColor: colour,
    placement: 'inControlsMenu',
    target: { refId: 'Anno', queryType: 'annotations', language: '$language', ...query },
  });
  const filters = Object.fromEntries(
    Object.entries(FILTERS).filter(([name]) => (names as readonly string[]).includes(name)),
  );
  const ofSeverity = (severity: (typeof SEVERITIES)[number]) =>
    layer(severity, SEVERITY_COLOURS[severity], {
      limit: MAX_REGIONS / SEVERITIES.length,
      filters: { ...filters, severity: [severity] },
      ...('severity' in filters ? { also: { severity: filters.severity } } : {}),
    });
  return [
    builtIn,
    // Below the incidents.
    layer('gaps', GAP_COLOUR, {
      gaps: true,
      limit: MAX_REGIONS,
      filters: { account: ['$account'] },
    }),
    ...SEVERITIES.map(ofSeverity),
    layer('breaks', CATEGORY_COLOURS.unknown, { breaks: true, limit: MAX_REGIONS, filters }, false),
  ];
}
