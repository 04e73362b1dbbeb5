import { expect, PLUGIN, test } from './breakwatch.ts';

test.describe('settings', () => {
  test('are filled in the editor, and the health check says what the server collects', async ({
    breakwatch,
    createDataSourceConfigPage,
    page,
  }) => {
    const settings = await createDataSourceConfigPage({ type: PLUGIN });
    await breakwatch.fill(page);
    await settings.saveAndTest();
    await expect(settings).toHaveAlert('success', { hasText: 'is ready: 1 account' });
  });

  test('with a wrong secret say so', async ({ breakwatch, createDataSourceConfigPage, page }) => {
    const settings = await createDataSourceConfigPage({ type: PLUGIN });
    await breakwatch.fill(page, { secret: 'another-secret-0123456789' });
    await settings.saveAndTest();
    await expect(settings).toHaveAlert('error', { hasText: breakwatch.messages.secret });
  });

  test('of a server that is not there say so', async ({
    breakwatch,
    createDataSourceConfigPage,
    page,
  }) => {
    const settings = await createDataSourceConfigPage({ type: PLUGIN });
    await breakwatch.fill(page, { address: 'http://127.0.0.1:9' });
    await settings.saveAndTest();
    await expect(settings).toHaveAlert('error', { hasText: breakwatch.messages.address });
  });
});
