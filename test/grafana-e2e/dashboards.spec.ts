import { expect, PLUGIN, test } from './breakwatch.ts';
import { importDashboard, open } from './open-dashboard.ts';

/** A dashboard that comes with the plugin, as Grafana lists it. */
interface Bundled {
  path: string;
  title: string;
}

/** As tall as the longest dashboard: Grafana draws a panel only when it is in view. */
const VIEWPORTS = [
  { width: 1440, height: 3_400 },
  { width: 390, height: 6_000 },
];

test('every dashboard of the plugin opens without an error', async ({
  dataSource,
  page,
  request,
}) => {
  // Twenty pages, each of which may take half a minute on a busy machine.
  test.setTimeout(900_000);
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
  const url = await importDashboard({ path: 'dashboards/breakwatch.json' }, dataSource, request);
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
