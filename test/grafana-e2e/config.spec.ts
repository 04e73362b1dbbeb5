import { expect, PLUGIN, TOKEN, test } from './breakwatch.ts';

test.describe('settings', () => {
  test('are filled in the editor, and the health check says what the server collects', async ({
    breakwatch,
    createDataSourceConfigPage,
    page,
  }) => {
    const settings = await createDataSourceConfigPage({ type: PLUGIN });
    await page.locator('#config-url').fill(breakwatch.url);
    await page.locator('#config-token').fill(TOKEN);
    await settings.saveAndTest();
    await expect(settings).toHaveAlert('success', { hasText: 'is ready: 1 account' });
  });

  test('with a wrong token say so', async ({ breakwatch, createDataSourceConfigPage, page }) => {
    const settings = await createDataSourceConfigPage({ type: PLUGIN });
    await page.locator('#config-url').fill(breakwatch.url);
    await page.locator('#config-token').fill('another-token-0123456789');
    await settings.saveAndTest();
    await expect(settings).toHaveAlert('error', { hasText: 'token' });
  });

  test('of a server that is not there say so', async ({ createDataSourceConfigPage, page }) => {
    const settings = await createDataSourceConfigPage({ type: PLUGIN });
    await page.locator('#config-url').fill('http://127.0.0.1:9');
    await settings.saveAndTest();
    await expect(settings).toHaveAlert('error', { hasText: 'Cannot reach' });
  });
});
