import type { APIRequestContext, Page } from '@playwright/test';
import { type DataSource, expect, PLUGIN, test } from './breakwatch.ts';
import { importDashboard, open } from './open-dashboard.ts';

/** A text variable; Grafana does not look at variables in its value. */
const textVariable = (name: string, value: string) => ({
  type: 'textbox',
  name,
  query: value,
  current: { text: value, value },
  options: [{ selected: true, text: value, value }],
});

/** Stores a dashboard with one table and opens it. */
async function openTable(
  { uid }: DataSource,
  { page, request }: { page: Page; request: APIRequestContext },
  { query, ...rest }: { query: object; [name: string]: unknown },
): Promise<string[]> {
  const datasource = { type: PLUGIN, uid };
  const dashboard = {
    title: `Bad input ${Date.now()}`,
    time: { from: 'now-1h', to: 'now' },
    panels: [
      {
        id: 1,
        type: 'table',
        title: 'Table',
        gridPos: { x: 0, y: 0, w: 24, h: 12 },
        datasource,
        targets: [{ refId: 'A', datasource, ...query }],
      },
    ],
    ...rest,
  };
  const answer = await request.post('/api/dashboards/db', { data: { dashboard } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return open(((await answer.json()) as { url: string }).url, page, 1);
}

test('variables that name each other end, and match nothing', async ({
  dataSource,
  page,
  request,
}) => {
  const errors = await openTable(
    dataSource,
    { page, request },
    {
      query: { queryType: 'breaks', filters: { stream: ['$one'] }, columns: ['stream'] },
      templating: { list: [textVariable('one', '$two'), textVariable('two', '$one')] },
    },
  );
  expect(errors).toEqual([]);
  await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);
  await expect(page.getByRole('main').getByText(/room-\d+/)).toHaveCount(0);
});

test('a dashboard of another version shows what it can, and says what it left out', async ({
  dataSource,
  page,
  request,
}) => {
  const query = { queryType: 'breaks', columns: ['stream'], smoothing: 3, groups: [{ by: 'x' }] };
  expect(await openTable(dataSource, { page, request }, { query, schemaVersion: 16 })).toEqual([]);
  await expect(page.getByText(/room-\d+/).first()).toBeVisible();
  await page.getByTestId('title-items-container').locator('svg').last().hover();
  await expect(page.getByText(/ignored: groups, smoothing/)).toBeVisible();
});

test('a query type that is not known is an error that names those that are', async ({
  dataSource,
  page,
  request,
}) => {
  const errors = await openTable(dataSource, { page, request }, { query: { queryType: 'table' } });
  expect(errors.join()).toMatch(/queryType must be one of breaks, series/);
  await expect(page.getByTestId('data-testid Panel status error')).toBeVisible();
});

test('400 days open without an error', async ({ dataSource, page, request }) => {
  await page.setViewportSize({ width: 1440, height: 3_400 });
  for (const name of ['breakwatch', 'breakwatch-causes', 'breakwatch-quality']) {
    await test.step(name, async () => {
      const url = await importDashboard({ path: `dashboards/${name}.json` }, dataSource, request);
      expect(await open(`${url}?from=now-400d&to=now`, page)).toEqual([]);
      await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);
    });
  }
});
