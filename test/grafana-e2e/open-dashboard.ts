import type { APIRequestContext, Page, Response } from '@playwright/test';
import { type DataSource, expect, PLUGIN } from './breakwatch.ts';

/** The answer to the queries of one panel, by refId. */
interface Answer {
  results: Record<string, { error?: string; status?: number }>;
}

/** Imports a dashboard from the plugin, as its page in Grafana does. @returns its address */
export async function importDashboard(
  { path }: { path: string },
  { uid }: DataSource,
  request: APIRequestContext,
): Promise<string> {
  const answer = await request.post('/api/dashboards/import', {
    data: {
      pluginId: PLUGIN,
      path,
      overwrite: true,
      inputs: [{ name: 'DS_BREAKWATCH', type: 'datasource', pluginId: PLUGIN, value: uid }],
    },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  return ((await answer.json()) as { importedUrl: string }).importedUrl;
}

/**
 * Opens a dashboard, and waits until its panels are answered.
 *
 * @param atLeast - answers to wait for
 * @returns the errors among the answers
 */
export async function open(url: string, page: Page, atLeast = 4): Promise<string[]> {
  const errors: string[] = [];
  let answers = 0;
  let waiting = 0;
  const isQuery = (address: string) => address.includes('/api/ds/query');
  const onRequest = (request: { url(): string }) => {
    waiting += isQuery(request.url()) ? 1 : 0;
  };
  // Grafana cancels a query whose panel is refreshed before the answer.
  const onFailed = (request: { url(): string }) => {
    waiting -= isQuery(request.url()) ? 1 : 0;
  };
  const onResponse = async (response: Response) => {
    if (!isQuery(response.url())) {
      return;
    }
    const { results = {} } = (await response.json().catch(() => ({}))) as Partial<Answer>;
    answers += 1;
    waiting -= 1;
    errors.push(...Object.values(results).flatMap(({ error }) => error ?? []));
    if (!response.ok()) {
      errors.push(`${response.status()} ${response.url()}`);
    }
  };
  page.on('request', onRequest);
  page.on('requestfailed', onFailed);
  page.on('response', onResponse);
  await page.goto(url);
  await expect.poll(() => answers >= atLeast && waiting === 0, { timeout: 120_000 }).toBe(true);
  page.off('request', onRequest);
  page.off('requestfailed', onFailed);
  page.off('response', onResponse);
  return errors;
}
