import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig } from '@playwright/test';
import { CHROMIUM_OPTIONS } from '../helpers/chromium-options.ts';

const pluginE2e = dirname(createRequire(import.meta.url).resolve('@grafana/plugin-e2e'));

/**
 * Tests in a running Grafana: `GRAFANA_URL=http://127.0.0.1:3000 npm run e2e`. `CHROMIUM` names the browser.
 * The tests change the Grafana that they run against, so use one for tests only.
 */
export default defineConfig<PluginOptions>({
  testDir: '.',
  outputDir: join(import.meta.dirname, '../../dist/grafana-e2e'),
  reporter: 'list',
  workers: 1,
  // Nothing but the limits of the plugin depends on time: a page of Grafana can take a minute on a busy machine.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  use: {
    baseURL: process.env.GRAFANA_URL,
    viewport: { width: 1400, height: 1000 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: CHROMIUM_OPTIONS,
  },
  projects: [
    { name: 'login', testDir: join(pluginE2e, 'auth'), testMatch: /.*\.js/ },
    {
      name: 'plugin',
      use: { storageState: 'playwright/.auth/admin.json' },
      dependencies: ['login'],
    },
  ],
});
