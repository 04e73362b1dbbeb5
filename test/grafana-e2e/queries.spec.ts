import { expect, test } from './breakwatch.ts';

/** The frame of an answer, as Grafana's backend sends it. */
interface Answer {
  results: {
    A: {
      error?: string;
      frames?: { schema: { fields: { name: string }[] }; data: { values: unknown[][] } }[];
    };
  };
}

/**
 * What each query type answers: names of fields that it has. A new panel has the last one, so that each choice changes the
 * panel.
 */
const TYPES: Record<string, string[]> = {
  Series: ['time', 'count'],
  Annotations: ['time', 'timeEnd', 'title'],
  Incidents: ['cause'],
  Streams: ['stream'],
  Alerts: ['title', 'cause', 'doNow'],
  'Time to recover': ['rule', 'medianMs', 'p95BeforeMs'],
  'Alert quality': ['pages', 'accuracy'],
  Lookup: ['cause', 'fix'],
  Breaks: ['time', 'cause', 'fix'],
};

/** Query types whose label is not their name. */
const NAMES: Record<string, string> = { 'Time to recover': 'recovery', 'Alert quality': 'quality' };

/** The queries of a request of the panel. */
interface Asked {
  queries: { queryType: string }[];
}

test('every query type answers in a panel', async ({ dataSource, page, panelEditPage }) => {
  await panelEditPage.datasource.set(dataSource.name);
  await panelEditPage.setVisualization('Table');
  const row = panelEditPage.getQueryEditorRow('A');
  await expect(row.getByLabel('Breaks', { exact: true })).toBeChecked();
  for (const [type, fields] of Object.entries(TYPES)) {
    await test.step(type, async () => {
      const answered = page.waitForResponse(
        (one) =>
          one.url().includes('/api/ds/query') &&
          (one.request().postDataJSON() as Asked).queries[0]?.queryType ===
            (NAMES[type] ?? type.toLowerCase()),
      );
      // The types come first; Annotations has choices of the same names below them.
      await row.getByLabel(type, { exact: true }).first().check({ force: true });
      if (type === 'Lookup') {
        await row.locator('[id$="-text"]').fill('18/501');
        await page.keyboard.press('Enter');
      }
      const response = await answered;
      expect(response.ok()).toBe(true);
      const { A } = ((await response.json()) as Answer).results;
      const frame = A.frames?.[0];
      const names = frame?.schema.fields.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(fields));
      expect(frame?.data.values[0]?.length).toBeGreaterThan(0);
      await expect(panelEditPage.panel.getErrorIcon()).toBeHidden();
    });
  }
});

test('a variable offers the push domains', async ({ dataSource, variableEditPage }) => {
  await variableEditPage.setVariableType('Query');
  await variableEditPage.datasource.set(dataSource.name);
  await variableEditPage.runQuery();
  await expect(variableEditPage).toDisplayPreviews([/push\d\.example\.com/]);
});

test('an annotation query is made in the editor', async ({
  annotationEditPage,
  dataSource,
  page,
}) => {
  await annotationEditPage.datasource.set(dataSource.name);
  // The browser loads the plugin only now. Until then, the button tests the previous data source.
  await expect(page.getByLabel('Annotations', { exact: true })).toBeChecked();
  const response = await annotationEditPage.runQuery();
  expect(response.ok()).toBe(true);
  expect(JSON.stringify(await response.json())).toContain('timeEnd');
});
