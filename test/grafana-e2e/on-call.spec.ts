import type { APIRequestContext, Page } from '@playwright/test';
import { type DataSource, expect, test } from './breakwatch.ts';
import { importDashboard, open } from './open-dashboard.ts';

/*
 * The questions of an on-call in docs/grafana.md, answered from Now: each within two clicks.
 */

const DASHBOARDS = ['', '-causes', '-stream', '-incident'];

/** Imports the dashboards and opens Now. */
async function openNow(dataSource: DataSource, page: Page, request: APIRequestContext) {
  const urls: string[] = [];
  for (const name of DASHBOARDS) {
    urls.push(
      await importDashboard({ path: `dashboards/breakwatch${name}.json` }, dataSource, request),
    );
  }
  await page.setViewportSize({ width: 1440, height: 2_400 });
  expect(await open(urls[0] as string, page)).toEqual([]);
}

const panel = (page: Page, title: string) => page.getByTestId(`data-testid Panel header ${title}`);

test.beforeEach(async ({ breakwatch, dataSource, page, request }) => {
  test.setTimeout(600_000);
  // Other tests may have let all streams recover.
  await breakwatch.refuse(`on-call-${Date.now()}`);
  await openNow(dataSource, page, request);
});

test('without a click: what is down, since when, why, what to do, who is on it, and collection', async ({
  page,
}) => {
  const down = panel(page, 'Streams down');
  await expect(down.getByText('Since')).toBeVisible();
  await expect(down.getByRole('link').first()).toBeVisible();
  await expect(down.getByText(/\d\d-\d\d \d\d:\d\d/).first()).toBeVisible();
  const card = panel(page, 'Do now');
  for (const line of [
    'Since:',
    /Now: (\d+ of \d+ streams )?DOWN/,
    'Why:',
    'Do now:',
    'Seen before:',
  ]) {
    await expect(card).toContainText(line);
  }
  await expect(panel(page, 'Open incidents: who is on it').getByText('Taken by')).toBeVisible();
  await expect(panel(page, 'Collection').getByText(/^(OK|BLIND)$/)).toBeVisible();
  await expect(panel(page, 'Not notified, and why')).toBeVisible();
});

test('one click on a stream: what else happened to it', async ({ page }) => {
  const link = panel(page, 'Streams down').getByRole('link').first();
  const name = (await link.innerText()).trim();
  await link.click();
  await expect(page).toHaveURL(new RegExp(`/d/breakwatch-stream.*var-stream=${name}`));
  await expect(panel(page, `State of ${name}`).getByText(name)).toBeVisible();
  await expect(
    panel(page, 'Breaks with evidence')
      .getByText(/\d\d:\d\d:\d\d/)
      .first(),
  ).toBeVisible();
});

test('one click on an incident: who took it when, and what happened', async ({ page }) => {
  await panel(page, 'Open incidents: who is on it').getByRole('link').first().click();
  await expect(page).toHaveURL(/\/d\/breakwatch-incident.*var-incident=inc-/);
  await expect(panel(page, 'Time line and notes').getByText('Began').first()).toBeVisible();
});

test('one click on Causes: the same range a week earlier', async ({ page }) => {
  await page.getByRole('link', { name: 'Breakwatch: Causes' }).click();
  await expect(page).toHaveURL(/\/d\/breakwatch-causes/);
  await expect(panel(page, 'A week earlier')).toBeVisible();
  await expect(panel(page, 'Time to recover')).toBeVisible();
});

test('two clicks on a card: its streams', async ({ page }) => {
  await panel(page, 'Do now').getByText('Do now:').first().click();
  await page.getByRole('button', { name: 'The incident' }).click();
  await expect(page).toHaveURL(/\/d\/breakwatch-incident.*var-incident=inc-/);
  await expect(panel(page, 'Its streams').getByRole('link').first()).toBeVisible();
});
