import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import pluginJson from '../../plugin.json' with { type: 'json' };
import { ALERT_VALUES } from '../../src/model/query.ts';
import { ALERT_LABELS } from '../../src/queries/alerts/alerts.ts';
import { parseQuery } from '../../src/queries/parse-request.ts';

const folder = new URL('../../provisioning/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, folder), 'utf8');
const uid = 'breakwatch';

const datasources = parse(read('datasources/breakwatch.yaml'));
const alerting = parse(read('alerting/breakwatch.yaml'));
const rule = alerting.groups[0].rules[0];

interface Panel {
  id: number;
  type: string;
  title: string;
}
const dashboard: { uid: string; panels: Panel[] } = JSON.parse(read('dashboards/breakwatch.json'));

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

function panelType(id: number): string | undefined {
  return dashboard.panels.find((panel) => panel.id === id)?.type;
}
