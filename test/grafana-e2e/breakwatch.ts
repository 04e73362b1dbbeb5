import { expect, test as grafanaTest } from '@grafana/plugin-e2e';
import { type ServerUnderTest, startEmbedded, startRemote } from './server-under-test.ts';

if (!process.env.GRAFANA_URL) {
  throw new Error(
    'Set GRAFANA_URL to the address of a Grafana that has this plugin; docs/grafana.md says how.',
  );
}

/** Id of the plugin. */
export const PLUGIN = 'breakwatch-css-datasource';
/** Mode of the data source under test. The mode embedded needs the full package. */
const isEmbedded = process.env.BREAKWATCH_MODE === 'embedded';

/** A data source as Grafana's API returns it. */
export interface DataSource {
  name: string;
  uid: string;
}

/** `test` of Grafana with a Breakwatch server that has one open incident, and a data source that asks it. */
export const test = grafanaTest.extend<{ dataSource: DataSource }, { breakwatch: ServerUnderTest }>(
  {
    breakwatch: [
      // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
      async ({}, use) => {
        const server = await (isEmbedded ? startEmbedded() : startRemote());
        await use(server);
        await server.remove();
      },
      { scope: 'worker' },
    ],
    dataSource: [
      async ({ breakwatch, createDataSource, request }, use) => {
        const settings = { type: PLUGIN, name: 'Breakwatch e2e', ...breakwatch.settings };
        const dataSource = await createDataSource(settings);
        // The server of the plugin starts with the first question, and an alert query does not wait for it.
        const health = `/api/datasources/uid/${dataSource.uid}/health`;
        await expect
          .poll(async () => (await request.get(health)).ok(), { timeout: 120_000 })
          .toBe(true);
        await use(dataSource);
      },
      // Before a page of Grafana opens, which reads the list of data sources once.
      { auto: true },
    ],
  },
);

export { expect };
