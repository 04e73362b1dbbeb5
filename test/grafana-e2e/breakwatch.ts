import { test as grafanaTest } from '@grafana/plugin-e2e';
import { type ServeProcess, startServe } from '../helpers/serve-process.ts';

if (!process.env.GRAFANA_URL) {
  throw new Error(
    'Set GRAFANA_URL to the address of a Grafana that has this plugin; docs/grafana.md says how.',
  );
}

/** Id of the plugin. */
export const PLUGIN = 'breakwatch-css-datasource';
/** The token of the server under test. */
export const TOKEN = 'e2e-token-0123456789';
/** Streams that break together, because of one cause. */
const STREAMS = 40;

/** A data source as Grafana's API returns it. */
export interface DataSource {
  name: string;
  uid: string;
}

/** `test` of Grafana with a Breakwatch server that has one open incident, and a data source that asks it. */
export const test = grafanaTest.extend<{ dataSource: DataSource }, { breakwatch: ServeProcess }>({
  breakwatch: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
    async ({}, use) => {
      const served = await startServe('', { BREAKWATCH_TOKEN: TOKEN });
      await served.breakAll(STREAMS);
      await use(served);
      await served.remove();
    },
    { scope: 'worker' },
  ],
  dataSource: [
    async ({ breakwatch, createDataSource }, use) => {
      await use(
        await createDataSource({
          type: PLUGIN,
          name: 'Breakwatch e2e',
          jsonData: { mode: 'remote', url: breakwatch.url },
          secureJsonData: { token: TOKEN },
        }),
      );
    },
    // Before a page of Grafana opens, which reads the list of data sources once.
    { auto: true },
  ],
});

export { expect } from '@grafana/plugin-e2e';
