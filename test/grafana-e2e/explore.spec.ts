import type { Page } from '@playwright/test';
import { type DataSource, expect, PLUGIN, test } from './breakwatch.ts';

/** Opens Explore with the breaks of the last hour as a log. */
async function openLog({ uid }: DataSource, page: Page, query: object = {}): Promise<void> {
  const pane = {
    datasource: uid,
    queries: [
      {
        refId: 'A',
        datasource: { uid, type: PLUGIN },
        queryType: 'breaks',
        logs: true,
        ...query,
      },
    ],
    range: { from: 'now-1h', to: 'now' },
  };
  const panes = encodeURIComponent(JSON.stringify({ a: pane }));
  await page.goto(`/explore?schemaVersion=1&orgId=1&panes=${panes}`);
}

/** Starts the live tail; its lines are rows of a table. */
async function goLive(page: Page) {
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Exit live mode' })).toBeVisible();
  return page.getByRole('main').locator('tr');
}

test('Explore shows breaks as a log, with their volume', async ({ dataSource, page }) => {
  await openLog(dataSource, page);
  await expect(page.getByText('Logs volume')).toBeVisible();
  await expect(page.getByText(/room-\d+/).first()).toBeVisible();
});

test('Live shows breaks as they arrive, also late ones, each once', async ({
  breakwatch,
  dataSource,
  page,
}) => {
  await openLog(dataSource, page);
  const lines = await goLive(page);
  await expect(lines.filter({ hasText: /room-\d+/ }).first()).toBeVisible();
  await breakwatch.refuse('live-now');
  await breakwatch.refuse('live-late', 20 * 60_000);
  for (const stream of ['live-now', 'live-late']) {
    await expect(lines.filter({ hasText: stream })).toHaveCount(1);
  }
  await breakwatch.refuse('live-next');
  await expect(lines.filter({ hasText: 'live-next' })).toHaveCount(1);
  await expect(lines.filter({ hasText: 'live-late' })).toHaveCount(1);
  await page.getByRole('button', { name: 'Exit live mode' }).click();
  await expect(page.getByText('Logs volume')).toBeVisible();
});

test('Live follows only what the filters let through', async ({ breakwatch, dataSource, page }) => {
  await openLog(dataSource, page, { filters: { stream: ['only-*'] } });
  const lines = await goLive(page);
  await breakwatch.refuse('other-1');
  await breakwatch.refuse('only-1');
  await expect(lines.filter({ hasText: 'only-1' })).toHaveCount(1);
  await expect(lines.filter({ hasText: /other-1|room-/ })).toHaveCount(0);
});

test('Live says that the server does not answer, and goes on afterwards', async ({
  breakwatch,
  dataSource,
  page,
}) => {
  await openLog(dataSource, page);
  const lines = await goLive(page);
  await expect(lines.filter({ hasText: /room-\d+/ }).first()).toBeVisible();
  breakwatch.hang();
  try {
    await expect(page.getByText(/Next try in \d+ s/).first()).toBeVisible();
    await expect(lines.filter({ hasText: /room-\d+/ }).first()).toBeVisible();
  } finally {
    breakwatch.wake();
  }
  await breakwatch.refuse('after-hang');
  await expect(lines.filter({ hasText: 'after-hang' })).toHaveCount(1);
  await expect(page.getByText(/Next try in \d+ s/)).toHaveCount(0);
});

test('Live works where no WebSocket connects', async ({ breakwatch, dataSource, page }) => {
  // Grafana itself does not start in a browser that has none.
  await page.routeWebSocket(/.*/, (socket) => socket.close());
  await openLog(dataSource, page);
  const lines = await goLive(page);
  await breakwatch.refuse('no-socket');
  await expect(lines.filter({ hasText: 'no-socket' })).toHaveCount(1);
});
