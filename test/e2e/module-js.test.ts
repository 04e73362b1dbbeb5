import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { QUERY_TYPES } from '../../src/model/query.ts';
import { launchChromium } from './launch-chromium.ts';
import { serveHarness, VALUES } from './serve-harness.ts';

let folder: string;
let harness: Awaited<ReturnType<typeof serveHarness>>;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-e2e-'));
  harness = await serveHarness(folder);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await harness?.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  page = await browser.newPage();
  page.setDefaultTimeout(10_000);
  errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(harness.url);
  await page.waitForFunction(() => typeof window.mount === 'function');
});

afterEach(async () => {
  await page.close();
  expect(errors).toEqual([]);
});

const mount = (editor: 'query' | 'config', value: object, props: object = {}) =>
  page.evaluate(([name, start, others]) => window.mount(name, start, others), [
    editor,
    value,
    props,
  ] as const);

/** The last value that the editor handed over; pickers hand over a moment after the click. */
const lastChange = () =>
  expect.poll(
    () => page.evaluate(() => window.changes.at(-1)) as Promise<Record<string, unknown>>,
    { timeout: 5_000 },
  );

/** How often the editor changed the query and asked for a run. */
const counts = () => page.evaluate(() => [window.changes.length, window.runs]);

/** Takes one of several radio buttons, and leaves it, as its tooltip hides what stands below. */
async function choose(name: string) {
  await page.getByRole('radio', { name, exact: true }).check({ force: true });
  await page.mouse.move(1_200, 700);
  await page.getByRole('tooltip').waitFor({ state: 'detached' });
}

/** Opens a combobox and picks an option by its text. */
async function pick(name: string, option: string) {
  await page.getByRole('combobox', { name, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

describe('module.js in SystemJS', () => {
  test('exports a plugin with both editors', async () => {
    const found = await page.evaluate(async () => {
      const { plugin } = await (
        window as unknown as { System: { import(id: string): Promise<{ plugin: never }> } }
      ).System.import('/plugin/module.js');
      const { components, DataSourceClass } = plugin as {
        components: Record<string, unknown>;
        DataSourceClass: { name: string };
      };
      return {
        query: typeof components.QueryEditor,
        config: typeof components.ConfigEditor,
        datasource: typeof DataSourceClass,
      };
    });
    expect(found).toEqual({ query: 'function', config: 'function', datasource: 'function' });
  });

  test('gives an annotation the query that its editor shows', async () => {
    const found = await page.evaluate(async () => {
      const { plugin } = await (
        window as unknown as { System: { import(id: string): Promise<{ plugin: never }> } }
      ).System.import('/plugin/module.js');
      const { DataSourceClass } = plugin as {
        DataSourceClass: new (
          settings: object,
        ) => { annotations: { prepareAnnotation(annotation: object): object } };
      };
      const { annotations } = new DataSourceClass({ uid: 'breakwatch', jsonData: {} });
      const stored = { name: 'gaps', target: { refId: 'Anno', queryType: 'breaks', limit: 5 } };
      return [
        annotations.prepareAnnotation({ name: 'new' }),
        annotations.prepareAnnotation({ name: 'gaps', target: { refId: 'B', gaps: true } }),
        // Grafana stores the annotation again when it gets another object.
        annotations.prepareAnnotation(stored) === stored,
      ];
    });
    expect(found).toEqual([
      { name: 'new', target: { refId: 'Anno', queryType: 'annotations' } },
      { name: 'gaps', target: { refId: 'B', queryType: 'annotations', gaps: true } },
      true,
    ]);
  });
});

describe('query editor', () => {
  test('stores the default query when it opens', async () => {
    await mount('query', { refId: 'A' });
    await lastChange().toEqual({ refId: 'A', queryType: 'breaks' });
    await mount('query', { refId: 'A' }, { app: 'unified-alerting' });
    await lastChange().toEqual({ refId: 'A', queryType: 'alerts', value: 'state' });
    await mount('query', { refId: 'A', queryType: 'streams' });
    await page.getByText('Filters', { exact: true }).first().waitFor();
    expect(await counts()).toEqual([0, 0]);
  });

  test('offers only what an alert rule can evaluate, and what is selected', async () => {
    // Types are in several groups, one beside the other.
    const groups = page.getByRole('radiogroup').first().locator('xpath=..');
    const types = () => groups.getByRole('radio').count();
    await mount('query', { refId: 'A', queryType: 'series' }, { app: 'unified-alerting' });
    await expect.poll(types).toBe(2);
    await mount('query', { refId: 'A', queryType: 'breaks' }, { app: 'unified-alerting' });
    await expect.poll(types).toBe(3);
    await mount('query', { refId: 'A', queryType: 'breaks' });
    await expect.poll(types).toBe(QUERY_TYPES.length);
  });

  test('turns a new query into a grouped series', async () => {
    await mount('query', { refId: 'A' });
    await choose('Series');
    await lastChange().toEqual({ refId: 'A', queryType: 'series' });
    await choose('Lost minutes');
    await lastChange().toEqual({
      refId: 'A',
      queryType: 'series',
      measure: 'lostMinutes',
    });
    await pick('Group by', 'Category');
    await page.getByRole('option', { name: 'Push domain', exact: true }).click();
    await lastChange().toEqual({
      refId: 'A',
      queryType: 'series',
      measure: 'lostMinutes',
      groupBy: ['category', 'domain'],
    });
    // The first change stores the default query, which must not run twice.
    expect(await counts()).toEqual([5, 4]);
  });

  test('adds a filter whose values come from the backend, and removes it', async () => {
    await mount('query', { refId: 'A', queryType: 'breaks' });
    const focused = () =>
      page.evaluate(() => document.activeElement?.closest('[data-filter]')?.outerHTML ?? '');
    await pick('Filters', 'Push domain');
    // The keyboard goes on where the next thing is to be said.
    await expect.poll(focused).toContain('data-filter="domain"');
    await pick('Push domain', VALUES.domain?.[1] ?? '');
    await lastChange().toEqual({
      refId: 'A',
      queryType: 'breaks',
      filters: { domain: ['push-b.example.com'] },
    });
    expect(harness.requests.at(-1)).toMatch(
      /\/uid\/breakwatch\/resources\/values\/domain\?from=\d{13}&to=\d{13}$/,
    );
    await page.getByRole('button', { name: 'Remove filter Push domain' }).click();
    await lastChange().toEqual({ refId: 'A', queryType: 'breaks', filters: {} });
    await expect.poll(focused).toContain('data-filter="add"');
  });

  test('takes a dashboard variable as the value of a filter', async () => {
    await mount('query', { refId: 'A', queryType: 'annotations', filters: {} });
    await pick('Filters', 'Category');
    const box = page.getByRole('combobox', { name: 'Category', exact: true });
    await box.click();
    await box.fill('$category');
    await page.getByRole('option').first().click();
    await lastChange().toMatchObject({ filters: { category: ['$category'] } });
  });

  test('commits typed text when the field is left, not at each key', async () => {
    await mount('query', { refId: 'A', queryType: 'lookup' });
    const box = page.getByLabel('Code or text');
    await box.pressSequentially('6012');
    expect(await page.evaluate(() => window.changes)).toEqual([]);
    await box.blur();
    await lastChange().toEqual({ refId: 'A', queryType: 'lookup', text: '6012' });
    await pick('Language', 'zh');
    await lastChange().toMatchObject({ text: '6012', language: 'zh' });
    expect(await counts()).toEqual([2, 2]);
  });

  test('sets and clears the limit', async () => {
    await mount('query', { refId: 'A', queryType: 'breaks', limit: 5 });
    const box = page.getByLabel('Limit');
    expect(await box.inputValue()).toBe('5');
    await box.fill('250');
    await box.press('Enter');
    await lastChange().toMatchObject({ limit: 250 });
    await box.fill('');
    await box.blur();
    await lastChange().toEqual({ refId: 'A', queryType: 'breaks', limit: undefined });
  });

  test('selects the value for alerts', async () => {
    await mount('query', { refId: 'A', queryType: 'alerts' });
    // An option's name is its label with its description.
    await pick('Value', 'Streams down Streams down now');
    await lastChange().toEqual({ refId: 'A', queryType: 'alerts', value: 'streamsDown' });
  });

  test('warns in an alert rule that variables do not work there', async () => {
    await mount('query', { refId: 'A', queryType: 'series' }, { app: 'unified-alerting' });
    await page.getByText('Alert rules cannot use dashboard variables').waitFor();
  });
});

test('the editors are Chinese for a user of a Chinese Grafana', async () => {
  await page.goto(`${harness.url}?language=zh-Hans`);
  await page.waitForFunction(() => typeof window.mount === 'function');
  await mount('query', { refId: 'A', queryType: 'streams' });
  await page.getByText('过滤', { exact: true }).waitFor();
  expect(await page.getByRole('radio', { name: '断流', exact: true }).count()).toBe(1);
  await mount('config', { uid: 'breakwatch', jsonData: {}, secureJsonFields: {} });
  await page.getByLabel('服务器地址').waitFor();
});

describe('config editor', () => {
  const settings = { uid: 'breakwatch', jsonData: {}, secureJsonFields: {} };

  test('remote: address and token', async () => {
    await mount('config', settings);
    await page.getByLabel('Server URL').fill('https://breakwatch.example.com');
    await lastChange().toMatchObject({
      jsonData: { mode: 'remote', url: 'https://breakwatch.example.com' },
    });
    await page.getByLabel('Token').fill('a-token');
    await lastChange().toMatchObject({
      jsonData: { mode: 'remote', url: 'https://breakwatch.example.com' },
      secureJsonData: { token: 'a-token' },
    });
  });

  test('remote: basic auth, for a proxy in front of the server', async () => {
    await mount('config', { ...settings, basicAuth: false, basicAuthUser: '' });
    await page.getByText('HTTP settings').click();
    await page.locator('#config-basicAuth').check({ force: true });
    await page.getByLabel('Basic auth user').fill('reader');
    await page.getByLabel('Basic auth password').fill('a-password');
    await lastChange().toMatchObject({
      basicAuth: true,
      basicAuthUser: 'reader',
      secureJsonData: { basicAuthPassword: 'a-password' },
    });
    await mount('config', {
      ...settings,
      basicAuth: true,
      basicAuthUser: 'reader',
      secureJsonFields: { basicAuthPassword: true },
    });
    // In use, so the section is open.
    expect(await page.getByLabel('Basic auth password').isDisabled()).toBe(true);
  });

  test('embedded: key pair, site, back-fill and endpoint', async () => {
    await mount('config', settings);
    await choose('Embedded');
    await page.getByLabel('SecretId').fill('an-id');
    await page.getByLabel('SecretKey').fill('a-key');
    await choose('tencentcloud.com');
    await page.getByLabel('Back-fill').fill('30');
    await page.getByLabel('Retention').fill('90');
    await page.getByLabel('API endpoint').fill('http://127.0.0.1:9000');
    await lastChange().toMatchObject({
      jsonData: {
        mode: 'embedded',
        secretId: 'an-id',
        site: 'intl',
        backfillDays: 30,
        keepDays: 90,
        endpoint: 'http://127.0.0.1:9000',
      },
      secureJsonData: { secretKey: 'a-key' },
    });
    await page.getByLabel('Back-fill').fill('');
    await lastChange().toMatchObject({ jsonData: { backfillDays: undefined } });
  });

  test('a stored token is not shown and can be replaced', async () => {
    await mount('config', { ...settings, secureJsonFields: { token: true } });
    expect(await page.getByLabel('Token').isDisabled()).toBe(true);
    expect(await page.getByLabel('Token').inputValue()).toBe('configured');
    await page.getByRole('button', { name: 'Reset' }).click();
    await lastChange().toMatchObject({
      secureJsonFields: { token: false },
      secureJsonData: { token: '' },
    });
    expect(await page.getByLabel('Token').isDisabled()).toBe(false);
  });

  test('the fields of a read-only data source are disabled', async () => {
    await mount('config', {
      ...settings,
      readOnly: true,
      jsonData: { mode: 'embedded', secretId: 'an-id' },
    });
    expect(await page.getByLabel('SecretId').inputValue()).toBe('an-id');
    for (const label of ['SecretId', 'SecretKey', 'Account name', 'Back-fill', 'API endpoint']) {
      expect(await page.getByLabel(label).isDisabled(), label).toBe(true);
    }
    expect(await page.getByRole('radio', { name: 'Remote' }).isDisabled()).toBe(true);
  });
});
