import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import pluginJson from '../../plugin.json' with { type: 'json' };
import { buildDashboards } from '../../src/grafana/dashboards/build-dashboards.ts';
import { interpolateQuery } from '../../src/grafana/frontend/interpolate-query.ts';
import type { BreakwatchQuery } from '../../src/grafana/frontend/types.ts';
import {
  CATEGORIES,
  GAP_COLOUR,
  SEVERITIES,
  SEVERITY_COLOURS,
} from '../../src/model/vocabulary.ts';
import { answerQueries } from '../../src/queries/answer-query.ts';
import { parseQuery } from '../../src/queries/parse-request.ts';
import { HOUR, NOON } from '../helpers/break-record.ts';
import { queryContext } from '../helpers/query-context.ts';
import { openTemporaryStore } from '../helpers/temporary-store.ts';

interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  templating: {
    list: { name: string; query?: unknown; allValue?: string; current: { value: unknown } }[];
  };
  annotations: {
    list: { name: string; enable: boolean; iconColor: string; target?: BreakwatchQuery }[];
  };
  panels: {
    id: number;
    type: string;
    title: string;
    description: string;
    gridPos: { x: number; y: number; w: number; h: number };
    targets?: BreakwatchQuery[];
    datasource?: { type: string; uid: string };
    fieldConfig: {
      defaults: { noValue?: string };
      overrides: {
        matcher: { options: string };
        properties: { id: string; value: unknown }[];
      }[];
    };
  }[];
}

const folder = new URL('../../provisioning/dashboards/', import.meta.url);
const read = (name: string): Dashboard => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const dashboards = files.map((name) => [name, read(name)] as const);

/** Replaces variables with their values at the start, as Grafana does. */
const fill = ({ templating }: Dashboard, query: BreakwatchQuery) =>
  interpolateQuery(query, (text) =>
    text.replace(/\$(\w+)/g, (_whole, name: string) => {
      const variable = templating.list.find((one) => one.name === name);
      expect(variable, `variable ${name}`).toBeDefined();
      return String(variable?.allValue ?? variable?.current.value);
    }),
  );

describe('the files of the dashboards', () => {
  it('are those that the builder writes; "npm run dashboards" writes them', () => {
    const built = buildDashboards('provisioned');
    expect(files.sort()).toEqual(built.map(({ name }) => name).sort());
    for (const { name, json } of built) {
      expect(read(name), name).toEqual(JSON.parse(JSON.stringify(json)));
    }
  });

  it('have uids of their own, and exist in English and Chinese', () => {
    const uids = dashboards.map(([, { uid }]) => uid);
    expect(new Set(uids).size).toBe(uids.length);
    for (const uid of uids.filter((one) => !one.endsWith('-zh'))) {
      expect(uids).toContain(`${uid}-zh`);
      expect(read(`${uid}-zh.json`).title).not.toBe(read(`${uid}.json`).title);
    }
    expect(parse(readFileSync(new URL('breakwatch.yaml', folder), 'utf8')).providers).toHaveLength(
      1,
    );
  });

  it('come with the plugin, which asks for the data source', () => {
    const bundled = buildDashboards('bundled');
    expect(pluginJson.includes).toEqual(
      bundled.map(({ name, title }) => ({
        type: 'dashboard',
        name: title,
        path: `dashboards/${name}`,
      })),
    );
    for (const { name, json } of bundled) {
      const text = JSON.stringify(json);
      expect(text, name).toContain('"__inputs"');
      expect(text, name).not.toContain('"uid":"breakwatch"}');
    }
  });
});

describe.each(dashboards)('%s', (name, dashboard) => {
  const { panels, annotations, templating } = dashboard;
  const targets = panels.flatMap(({ title, targets = [] }) =>
    targets.map((target) => ({ title, target })),
  );
  const layers = annotations.list.flatMap(({ target, ...layer }) =>
    target ? [{ ...layer, target }] : [],
  );

  it('gives each panel an id, a description and a place that no other panel overlaps', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title, description } of panels) {
      expect(title).not.toBe('');
      expect(description, title).not.toBe('');
    }
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_unused, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });

  it('never shows an unknown value as a statement: Grafana shows the same text after an error', () => {
    for (const { title, fieldConfig } of panels) {
      expect(fieldConfig.defaults.noValue, title).toBe('–');
    }
  });

  it('asks the provisioned data source, with queries that the server answers', async () => {
    const temporary = await openTemporaryStore();
    try {
      for (const { title, target } of [
        ...targets,
        ...layers.map(({ name: title, target }) => ({ title, target })),
      ]) {
        const query = parseQuery(fill(dashboard, target), target.refId);
        const { results } = await answerQueries(
          { from: NOON, to: NOON + HOUR, queries: [query] },
          queryContext(temporary.store),
        );
        expect(results[target.refId], title).toHaveProperty('frames');
      }
    } finally {
      await temporary.remove();
    }
    for (const { title, datasource, targets: own } of panels) {
      if (own) {
        expect(datasource, title).toEqual({ type: pluginJson.id, uid: 'breakwatch' });
      }
    }
  });

  it('draws at most 60 incidents, each severity in its colour, above the times without data', () => {
    const incidents = layers.filter(({ target }) => !target.gaps && !target.breaks);
    if (layers.length === 0) {
      return;
    }
    expect(incidents.map(({ target }) => target.filters?.severity)).toEqual(
      SEVERITIES.map((severity) => [severity]),
    );
    expect(incidents.map(({ iconColor }) => iconColor)).toEqual(
      SEVERITIES.map((severity) => SEVERITY_COLOURS[severity]),
    );
    const sum = incidents.reduce((all, { target }) => all + (target.limit ?? Number.NaN), 0);
    expect(sum).toBeLessThanOrEqual(60);
    expect(layers[0]).toMatchObject({ iconColor: GAP_COLOUR, target: { gaps: true } });
    const onDemand = layers.filter(({ enable }) => !enable);
    expect(onDemand.map(({ target }) => target.breaks)).toEqual([true]);
  });

  it('offers all categories and severities', () => {
    const valuesOf = (variable: string) =>
      String(templating.list.find((one) => one.name === variable)?.query ?? '')
        .split(',')
        .map((entry) => entry.split(' : ').at(-1));
    if (templating.list.some((one) => one.name === 'category')) {
      expect(valuesOf('category').sort()).toEqual([...CATEGORIES].sort());
      expect(valuesOf('severity')).toEqual([...SEVERITIES]);
    }
  });

  it('is in the language of its name', () => {
    const isChinese = /\p{Script=Han}/u;
    const texts = [dashboard.description, ...panels.flatMap((panel) => [panel.description])];
    expect(texts.every((text) => isChinese.test(text) === name.endsWith('-zh.json'))).toBe(true);
    expect(templating.list.at(-1)).toMatchObject({
      name: 'language',
      current: { value: name.endsWith('-zh.json') ? 'zh' : 'en' },
    });
  });
});

/** Width of a table on a phone of 390 px. */
const PHONE_WIDTH = 340;

/** What people on call need of each row, by panel; all columns of the other tables. */
const NEEDED: Record<string, string[]> = {
  'Breaks: cause and fix': ['time', 'stream', 'cause', 'fix'],
  'At a glance': ['state', 'acknowledgedBy', 'streamsDown', 'runbook'],
  'Time line and notes': ['time', 'what', 'text', 'by'],
  'Its streams': ['stream', 'since', 'cause', 'state'],
  'Incidents of the time range': ['time', 'cause', 'scope', 'state'],
  'State of $stream': ['state', 'since', 'cause', 'doNow'],
  'Breaks with evidence': ['time', 'cause', 'fix'],
  Pushes: ['time', 'timeEnd', 'outcome'],
  Incidents: ['time', 'state', 'cause', 'doNow'],
  'Time to recover': ['rule', 'medianMs', 'p95Ms', 'outages'],
  'By rule': ['rule', 'pages', 'healed', 'accuracy'],
  'Every page': ['time', 'title', 'result'],
};

describe('a phone', () => {
  const tables = buildDashboards('provisioned')
    .filter(({ name }) => !name.endsWith('-zh.json'))
    .flatMap(({ json }) => (json as Dashboard).panels.filter(({ type }) => type === 'table'));

  it('shows what people on call need of each table without scrolling sideways', () => {
    for (const { title, targets, fieldConfig } of tables) {
      const columns = targets?.[0]?.columns ?? [];
      const needed = NEEDED[title] ?? columns;
      expect(columns.slice(0, needed.length), title).toEqual(needed);
      const widths = needed.map((column) =>
        fieldConfig.overrides
          .filter(({ matcher }) => matcher.options === column)
          .flatMap(({ properties }) => properties)
          .flatMap(({ id, value }) => (/^custom\.(minW|w)idth$/.test(id) ? [Number(value)] : [])),
      );
      // A table of one column is as wide as its panel.
      if (columns.length > 1) {
        expect(
          widths.every(({ length }) => length === 1),
          title,
        ).toBe(true);
        expect(Math.max(...widths.flat()), title).toBeGreaterThan(0);
        const sum = widths.flat().reduce((all, width) => all + width, 0);
        expect(sum, title).toBeLessThanOrEqual(PHONE_WIDTH);
      }
    }
    expect(
      Object.keys(NEEDED).filter((name) => !tables.some(({ title }) => title === name)),
    ).toEqual([]);
  });
});

it('links of frames and rules lead to dashboards that exist', () => {
  const sources = ['src/queries/column-config.ts', 'provisioning/alerting/breakwatch.yaml'];
  const root = new URL('../../', import.meta.url);
  const linked = sources.flatMap((source) =>
    [...readFileSync(new URL(source, root), 'utf8').matchAll(/\/d\/(breakwatch[a-z-]*)/g)].map(
      ([, uid]) => uid as string,
    ),
  );
  expect(linked.length).toBeGreaterThan(0);
  for (const uid of linked) {
    expect(existsSync(new URL(`${uid}.json`, folder)), uid).toBe(true);
  }
});
