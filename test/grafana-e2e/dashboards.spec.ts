import type { APIRequestContext, Page, Response } from '@playwright/test';
import { type DataSource, expect, PLUGIN, test } from './breakwatch.ts';

/** A dashboard that comes with the plugin, as Grafana lists it. */
interface Bundled {
  path: string;
  title: string;
}

/** The answer to the queries of one panel, by refId. */
interface Answer {
  results: Record<string, { error?: string; status?: number }>;
}

/** As tall as the longest dashboard: Grafana draws a panel only when it is in view. */
const VIEWPORTS = [
  { width: 1440, height: 3_400 },
  { width: 390, height: 6_000 },
];

/** Imports a dashboard from the plugin, as its page in Grafana does. @returns its address */
async function importDashboard(
  { path }: Bundled,
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

/** Opens a dashboard and returns what its panels were answered. */
async function open(url: string, page: Page): Promise<string[]> {
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
  await expect.poll(() => answers > 3 && waiting === 0, { timeout: 120_000 }).toBe(true);
  page.off('request', onRequest);
  page.off('requestfailed', onFailed);
  page.off('response', onResponse);
  return errors;
}

test('every dashboard of the plugin opens without an error', async ({
  dataSource,
  page,
  request,
}) => {
  const listed = await request.get(`/api/plugins/${PLUGIN}/dashboards`);
  const bundled = (await listed.json()) as Bundled[];
  expect(bundled.length).toBeGreaterThanOrEqual(10);
  for (const one of bundled) {
    const url = await importDashboard(one, dataSource, request);
    for (const viewport of VIEWPORTS) {
      await test.step(`${one.title}, ${viewport.width} px`, async () => {
        await page.setViewportSize(viewport);
        expect(await open(url, page)).toEqual([]);
        await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);
        const path = test.info().outputPath(`${url.split('/').at(-1)}-${viewport.width}.png`);
        await page.screenshot({ path });
      });
    }
  }
});

test('Now shows what fires, and says why there is nothing when the server hangs', async ({
  breakwatch,
  dataSource,
  page,
  request,
}) => {
  const url = await importDashboard(
    { path: 'dashboards/breakwatch.json', title: '' },
    dataSource,
    request,
  );
  await page.setViewportSize({ width: 1440, height: 2_400 });
  await open(url, page);
  await expect(page.getByRole('main').getByText('push0.example.com').first()).toBeVisible();
  breakwatch.hang();
  try {
    await page.goto(url);
    await expect(page.getByTestId('data-testid Panel status error').first()).toBeVisible();
    // Unknown is not zero.
    await expect(page.getByRole('main').getByText('No breaks')).toHaveCount(0);
  } finally {
    breakwatch.wake();
  }
});
