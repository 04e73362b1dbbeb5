import type { APIRequestContext } from '@playwright/test';
import { INCIDENT_OPTIONS } from '../../src/incidents/options.ts';
import { expect, test } from './breakwatch.ts';

const FOLDER = 'breakwatch-e2e';
/** New in each run: Grafana's scheduler can go on with a deleted rule that had the same uid. */
const RULE = `breakwatch-e2e-${Date.now()}`;
/** Grafana evaluates every 10 s. */
const PATIENCE = { timeout: 90_000 };

/** A query as the editor of alert rules sends it. */
interface RuleQuery {
  refId: string;
  datasourceUid: string;
  model: Record<string, unknown>;
}

interface RuleState {
  state: string;
  health: string;
  alerts?: { state: string; labels: Record<string, string> }[];
}

async function stateOf(request: APIRequestContext): Promise<RuleState | undefined> {
  const response = await request.get('/api/prometheus/grafana/api/v1/rules');
  const { data } = (await response.json()) as {
    data: { groups: { rules: (RuleState & { uid: string })[] }[] };
  };
  return data.groups.flatMap(({ rules }) => rules).find(({ uid }) => uid === RULE);
}

/** The states of the alerts of one kind. */
async function alertsOf(request: APIRequestContext, kind: string): Promise<string[]> {
  const rule = await stateOf(request);
  return (rule?.alerts ?? []).flatMap(({ state, labels }) => (labels.kind === kind ? [state] : []));
}

/** Deletes the rules of this run and of earlier ones. */
async function deleteRules(request: APIRequestContext): Promise<void> {
  await request.delete(`/api/folders/${FOLDER}?forceDeleteRules=true`);
}

test.afterAll(({ request }) => deleteRules(request));

async function createRule(request: APIRequestContext, query: RuleQuery): Promise<void> {
  await deleteRules(request);
  await request.post('/api/folders', { data: { uid: FOLDER, title: 'Breakwatch e2e' } });
  const threshold = {
    refId: 'C',
    datasourceUid: '__expr__',
    model: {
      refId: 'C',
      type: 'threshold',
      expression: query.refId,
      conditions: [{ evaluator: { type: 'gt', params: [0] } }],
    },
  };
  const range = { relativeTimeRange: { from: 600, to: 0 } };
  const created = await request.post('/api/v1/provisioning/alert-rules', {
    data: {
      uid: RULE,
      title: 'Breakwatch e2e',
      folderUID: FOLDER,
      ruleGroup: 'e2e',
      orgID: 1,
      condition: 'C',
      noDataState: 'NoData',
      execErrState: 'Error',
      for: '0s',
      missingSeriesEvalsToResolve: 8_640,
      data: [
        { ...query, ...range },
        { ...threshold, ...range },
      ],
    },
  });
  expect(created.status(), await created.text()).toBe(201);
  const group = await request.get(`/api/v1/provisioning/folder/${FOLDER}/rule-groups/e2e`);
  const changed = await request.put(`/api/v1/provisioning/folder/${FOLDER}/rule-groups/e2e`, {
    data: { ...(await group.json()), interval: 10 },
  });
  expect(changed.ok(), await changed.text()).toBe(true);
}

test('an alert rule from scratch fires, outlives a hung server, and resolves', async ({
  alertRuleEditPage,
  breakwatch,
  dataSource,
  page,
  request,
}) => {
  test.setTimeout(900_000);
  // The rule that the editor makes when a person only chooses the data source.
  const row = await alertRuleEditPage.getQueryRow();
  await row.datasource.set(dataSource.name);
  // The browser loads the plugin only now.
  await expect(row.locator.getByLabel('Alerts', { exact: true })).toBeChecked();
  const evaluated = page.waitForRequest(/\/api\/v1\/eval/);
  await expect(alertRuleEditPage.evaluate()).toBeOK();
  const { data } = (await evaluated).postDataJSON() as { data: RuleQuery[] };
  const query = data.find(({ datasourceUid }) => datasourceUid === dataSource.uid);
  expect(query).toBeDefined();

  await createRule(request, query as RuleQuery);
  await expect.poll(() => alertsOf(request, 'incident'), PATIENCE).toEqual(['Alerting']);

  breakwatch.hang();
  try {
    await expect.poll(async () => (await stateOf(request))?.health, PATIENCE).toBe('error');
    // Longer than Grafana's default, after which it resolves series that are missing.
    await page.waitForTimeout(45_000);
    expect(await alertsOf(request, 'incident')).toEqual(['Alerting']);
  } finally {
    breakwatch.wake();
  }
  await expect.poll(async () => (await stateOf(request))?.health, PATIENCE).toBe('ok');
  expect(await alertsOf(request, 'incident')).toEqual(['Alerting']);

  await breakwatch.recoverAll();
  // Until then, another break would belong to the same incident.
  const timeout = INCIDENT_OPTIONS.holdMs + PATIENCE.timeout;
  await expect.poll(() => alertsOf(request, 'incident'), { timeout }).toEqual(['Normal']);
});

test('a panel says within five seconds that the server hangs, and shows no number', async ({
  breakwatch,
  dataSource,
  page,
  panelEditPage,
}) => {
  await panelEditPage.datasource.set(dataSource.name);
  await panelEditPage.setVisualization('Stat');
  const row = panelEditPage.getQueryEditorRow('A');
  const answerTo = (part: string) =>
    page.waitForResponse(
      (one) =>
        one.url().includes('/api/ds/query') && one.request().postData()?.includes(part) === true,
    );
  const series = answerTo('"queryType":"series"');
  await row.getByLabel('Series', { exact: true }).check({ force: true });
  expect((await series).ok()).toBe(true);
  // The tooltip of the button covers the buttons below it.
  await page.mouse.move(1, 1);
  await expect(page.getByRole('tooltip')).toBeHidden();
  breakwatch.hang();
  try {
    // Another question: an equal one could get the answer of the last 2 s.
    const rate = answerTo('"measure":"rate"');
    await row.getByLabel('Rate', { exact: true }).check({ force: true });
    const response = await rate;
    expect(await response.text()).toContain('no answer within');
    expect(response.request().timing().responseEnd).toBeLessThan(5_500);
    await expect(panelEditPage.panel.getErrorIcon()).toBeVisible();
    await expect(page.getByText('No data')).toBeVisible();
  } finally {
    breakwatch.wake();
  }
});
