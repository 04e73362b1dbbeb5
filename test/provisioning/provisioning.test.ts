import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import pluginJson from '../../plugin.json' with { type: 'json' };
import dashboard from '../../provisioning/dashboards/breakwatch.json' with { type: 'json' };
import { interpolateQuery } from '../../src/grafana/frontend/interpolate-query.ts';
import type { BreakwatchQuery } from '../../src/grafana/frontend/types.ts';
import { ALERT_VALUES } from '../../src/model/query.ts';
import {
  CATEGORIES,
  CATEGORY_COLOURS,
  GAP_COLOUR,
  SEVERITIES,
  SEVERITY_COLOURS,
} from '../../src/model/vocabulary.ts';
import { ALERT_LABELS } from '../../src/queries/alerts/alerts.ts';
import { parseQuery } from '../../src/queries/parse-request.ts';

const folder = new URL('../../provisioning/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, folder), 'utf8');
const uid = 'breakwatch';

const datasources = parse(read('datasources/breakwatch.yaml'));
const providers = parse(read('dashboards/breakwatch.yaml'));
const alerting = parse(read('alerting/breakwatch.yaml'));
const rule = alerting.groups[0].rules[0];

interface Target extends BreakwatchQuery {
  panelId?: number;
}
const targets = dashboard.panels.flatMap((panel) =>
  ((panel as { targets?: unknown[] }).targets ?? []).map((target) => ({
    title: panel.title,
    target: target as Target,
  })),
);
const own = targets.filter(({ target }) => target.datasource?.uid === uid);
const allLayers = dashboard.annotations.list.filter((layer) => 'target' in layer);
const isOfGaps = (layer: { target?: unknown }) => (layer.target as Target).gaps === true;
const isOfBreaks = (layer: { target?: unknown }) => (layer.target as Target).breaks === true;
const layers = allLayers.filter((layer) => !isOfGaps(layer) && !isOfBreaks(layer));
const variables = dashboard.templating.list;

/** Replaces variables with their default values, as Grafana does. */
const replace = (text: string) =>
  text.replace(/\$(\w+)/g, (_whole, name: string) => {
    const variable = variables.find((one) => one.name === name);
    expect(variable, `variable ${name}`).toBeDefined();
    return String(variable && 'allValue' in variable ? variable.allValue : variable?.current.value);
  });

describe('provisioned data source', () => {
  it('is the one that the dashboard and the rule use', () => {
    expect(datasources.datasources).toHaveLength(1);
    expect(datasources.datasources[0]).toMatchObject({ uid, type: pluginJson.id });
  });

  it('reads address and token from the environment, the token as a secret', () => {
    const [{ jsonData, secureJsonData }] = datasources.datasources;
    expect(jsonData).toEqual({ mode: 'remote', url: '$BREAKWATCH_URL' });
    expect(secureJsonData).toEqual({ token: '$BREAKWATCH_TOKEN' });
  });
});

describe('provisioned dashboard', () => {
  it('keeps its uid and leaves its id to Grafana', () => {
    expect(dashboard).toMatchObject({ uid, schemaVersion: 42 });
    expect(dashboard).not.toHaveProperty('id');
    expect(providers.providers).toHaveLength(1);
  });

  it('is the only one with its uid', () => {
    const uids = readdirSync(new URL('dashboards/', folder))
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(read(`dashboards/${name}`)).uid);
    expect(new Set(uids).size).toBe(uids.length);
  });

  it('gives each panel a unique id and a place that no other panel overlaps', () => {
    const ids = dashboard.panels.map((panel) => panel.id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from(
        { length: w * h },
        (_value, index) => `${x + (index % w)},${y + Math.floor(index / w)}`,
      ),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });

  it('never shows an unknown value as a statement: Grafana shows the same text after an error', () => {
    const texts = dashboard.panels.map(({ fieldConfig }) => fieldConfig?.defaults?.noValue);
    expect(texts.filter((text) => text !== undefined && text !== '–')).toEqual([]);
    expect(texts).toContain('–');
  });

  it('queries the provisioned data source, or a panel that does', () => {
    for (const { title, target } of targets) {
      if (target.datasource?.uid === '-- Dashboard --') {
        expect(
          own.some(({ title: other }) => other === panelTitle(target.panelId)),
          title,
        ).toBe(true);
      } else {
        expect(target.datasource, title).toEqual({ type: pluginJson.id, uid });
      }
    }
    for (const layer of layers) {
      expect(layer.datasource).toEqual({ type: pluginJson.id, uid });
    }
  });

  it.each(own.map(({ title, target }) => [title, target] as const))(
    'sends a query that the backend accepts: %s',
    (_title, target) => {
      const query = interpolateQuery(target, replace);
      expect(() => parseQuery(query, target.refId)).not.toThrow();
      // Every panel except the lookup uses every variable.
      if (target.queryType !== 'lookup') {
        expect(Object.keys(target.filters ?? {}).sort()).toEqual(
          ['account', 'category', 'domain', 'severity', 'stream'].sort(),
        );
      }
    },
  );

  it('keeps every field that a link uses, under the same name', () => {
    for (const panel of dashboard.panels) {
      const organize = JSON.parse(JSON.stringify(panel)).transformations?.find(
        ({ id }: { id: string }) => id === 'organize',
      )?.options;
      for (const [, name = ''] of JSON.stringify(panel).matchAll(/\$\{__data\.fields\.(\w+)/g)) {
        const { excludeByName = {}, renameByName = {}, indexByName = {} } = organize ?? {};
        const before =
          Object.keys(renameByName).find((from) => renameByName[from] === name) ?? name;
        expect(excludeByName[before], `${panel.title}: ${name}`).toBeUndefined();
        expect(renameByName[before] ?? name).toBe(name);
        if (organize) {
          expect(indexByName, panel.title).toHaveProperty(before);
        }
      }
    }
  });

  it('draws regions of each severity in its colour and uses the variables', () => {
    const severities = layers.map((layer) => {
      const target = layer.target as Target;
      const query = interpolateQuery(target, replace);
      const parsed = parseQuery(query, target.refId);
      expect(parsed.queryType).toBe('annotations');
      expect(target.also).toEqual({ severity: ['$severity'] });
      const [severity] = parsed.filters?.severity ?? [];
      expect(layer.iconColor).toBe(SEVERITY_COLOURS[severity as keyof typeof SEVERITY_COLOURS]);
      return severity;
    });
    expect(severities).toEqual([...SEVERITIES]);
    const limits = layers.map((layer) => (layer.target as Target).limit ?? Number.NaN);
    expect(limits.reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(60);
  });

  it('offers single breaks on demand', () => {
    const [layer, ...more] = allLayers.filter(isOfBreaks);
    expect(more).toEqual([]);
    const target = layer?.target as Target;
    expect(layer?.enable).toBe(false);
    expect(target.limit).toBeLessThanOrEqual(60);
    expect(() => parseQuery(interpolateQuery(target, replace), 'Anno')).not.toThrow();
  });

  it('shades the times without data of the chosen accounts, below the breaks', () => {
    const [first] = allLayers;
    const target = first?.target as Target;
    const parsed = parseQuery(interpolateQuery(target, replace), target.refId);
    expect(parsed).toMatchObject({ queryType: 'annotations', gaps: true });
    expect(target.filters).toEqual({ account: ['$account'] });
    expect([first?.enable, first?.iconColor]).toEqual([true, GAP_COLOUR]);
    expect(allLayers.filter(isOfGaps)).toHaveLength(1);
  });

  it('gives each category its standard colour', () => {
    const chart = dashboard.panels.find((panel) => panel.type === 'timeseries');
    const overrides = chart?.fieldConfig?.overrides ?? [];
    const colours = overrides.map(({ matcher, properties }) => [
      matcher.options,
      (properties[0]?.value as { fixedColor: string } | undefined)?.fixedColor,
    ]);
    expect(Object.fromEntries(colours)).toEqual(CATEGORY_COLOURS);
  });

  it('offers all categories and severities', () => {
    const valuesOf = (name: string) =>
      String(variables.find((variable) => variable.name === name)?.query).split(',');
    expect(valuesOf('category').sort()).toEqual([...CATEGORIES].sort());
    expect(valuesOf('severity')).toEqual([...SEVERITIES]);
  });
});

describe('provisioned alert rule', () => {
  it('is the only one', () => {
    expect(alerting.groups).toHaveLength(1);
    expect(alerting.groups[0].rules).toHaveLength(1);
    expect(alerting.groups[0].interval).toBe('10s');
  });

  it('pages on the state that Breakwatch returns, and reads changing numbers separately', () => {
    const threshold = rule.data.find(({ refId }: { refId: string }) => refId === rule.condition);
    expect(threshold.model).toMatchObject({
      type: 'threshold',
      expression: 'A',
      conditions: [{ evaluator: { type: 'gt', params: [0] } }],
    });
    const asked = rule.data
      .filter(({ datasourceUid }: { datasourceUid: string }) => datasourceUid === uid)
      .map(({ model, refId }: { model: object; refId: string }) => parseQuery(model, refId));
    expect(asked.map(({ queryType }: { queryType: string }) => queryType)).toEqual(
      ALERT_VALUES.map(() => 'alerts'),
    );
    expect(asked[0]).toMatchObject({ refId: 'A', value: 'state' });
    expect(asked.map(({ value }: { value: string }) => value).sort()).toEqual(
      [...ALERT_VALUES].sort(),
    );
  });

  it('pages once when Breakwatch does not answer, without firing or resolving incidents', () => {
    expect(rule).toMatchObject({ noDataState: 'NoData', execErrState: 'Error', for: '0s' });
    expect(rule.missing_series_evals_to_resolve).toBe(8_640);
  });

  it('does not overwrite a label of the query', () => {
    expect(rule.labels).toBeUndefined();
  });

  it('links to a panel of the dashboard that can show its state', () => {
    const { __dashboardUid__, __panelId__ } = rule.annotations;
    expect(__dashboardUid__).toBe(dashboard.uid);
    expect(panelType(Number(__panelId__))).toBe('timeseries');
  });

  it('takes its texts from labels, and has texts for missing labels', () => {
    const { cause, fix, runbook } = rule.annotations;
    for (const [name, text] of Object.entries({ cause, fix, runbook })) {
      expect(text).toContain(`{{ $labels.${name} }}`);
      expect(text).toContain('{{ else');
    }
    expect(existsSync(new URL('../docs/runbooks/collection-blind.md', folder))).toBe(true);
  });

  it('uses only numbers and labels that exist', () => {
    const text = Object.values(rule.annotations).join('\n');
    const refIds = rule.data.map(({ refId }: { refId: string }) => refId);
    for (const [, refId] of text.matchAll(/\$values\.(\w+)/g)) {
      expect(refIds).toContain(refId);
    }
    for (const [, label] of text.matchAll(/\$labels\.(\w+)/g)) {
      expect(ALERT_LABELS).toContain(label);
    }
  });
});

describe('provisioned notifications', () => {
  const settings = alerting.contactPoints[0].receivers[0].settings;

  it('go to the provisioned contact point', () => {
    expect(alerting.policies[0]).toMatchObject({
      receiver: alerting.contactPoints[0].name,
      group_wait: '5s',
    });
  });

  it('have a URL even when the environment sets none', () => {
    expect(settings.url.replace(/\$\w+/g, '')).not.toBe('');
  });

  it('use $ for environment variables only, as Grafana expands it there', () => {
    for (const text of [settings.url, settings.title, settings.message]) {
      for (const [, name] of text.matchAll(/\$(\W?\w*)/g)) {
        expect(name).toMatch(/^BREAKWATCH_[A-Z_]+$/);
      }
    }
  });

  it('use only templates that are defined, and carry cause, fix and runbook', () => {
    const [{ template }] = alerting.templates;
    const defined = [...template.matchAll(/define "([\w.]+)"/g)].map(([, name]) => name);
    const used = [...`${settings.title}${settings.message}`.matchAll(/template "([\w.]+)"/g)].map(
      ([, name]) => name,
    );
    expect(used.length).toBeGreaterThan(0);
    expect(defined).toEqual(expect.arrayContaining(used));
    for (const name of ['cause', 'fix', 'impact', 'runbook']) {
      expect(template + settings.message).toContain(`.Annotations.${name}`);
    }
  });
});

function panelTitle(id: number | undefined): string | undefined {
  return dashboard.panels.find((panel) => panel.id === id)?.title;
}

function panelType(id: number): string | undefined {
  return dashboard.panels.find((panel) => panel.id === id)?.type;
}
