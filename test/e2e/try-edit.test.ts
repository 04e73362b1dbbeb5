import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { withDemo } from './with-demo.ts';

const demo = withDemo('--busy');

/** Answers that are errors. */
const refused: string[] = [];

/** Opens a rule with the field for its edit. */
async function openRule(id: string): Promise<Page> {
  const page = await demo.browser.newPage({ locale: 'en', viewport: { width: 390, height: 844 } });
  page.on('response', (response) => {
    if (response.status() >= 400) {
      refused.push(`${response.status()} ${response.url()}`);
    }
  });
  await page.goto(`${demo.url}/rules/${id}`);
  await page.getByRole('button', { name: 'Try an edit' }).click();
  return page;
}

describe('an edit on the page of a rule', () => {
  it('shows what would change, and downloads it as a patch', async () => {
    const page = await openRule('network/link-error');
    // So that a break of this rule is in the history.
    const latest = page.locator('[data-testid=latest] li');
    await expect
      .poll(
        async () => {
          await page.reload();
          await page.getByRole('heading', { name: 'Where it last won' }).waitFor();
          await page.waitForLoadState('networkidle');
          return latest.count();
        },
        { timeout: 90_000, interval: 1_000 },
      )
      .toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Try an edit' }).click();
    const field = page.getByLabel('Rule or patch as JSON');
    const rule = JSON.parse(await field.inputValue());
    rule.event.params.severity = 'critical';
    await field.fill(JSON.stringify(rule, null, 2));
    await field.press('Control+Enter');
    await page.getByText('Finished.').waitFor();
    await page.getByRole('row', { name: 'severity warning critical' }).waitFor();
    await page.getByText(/^Same rule with its changes: \d/).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as a patch' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe('link-error.json');
    expect(JSON.parse(readFileSync(await file.path(), 'utf8'))).toMatchObject({
      rule: 'network/link-error',
      patch: { event: { params: { severity: 'critical' } } },
    });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    // Fonts of emphasized words too.
    expect(refused).toEqual([]);
    await page.close();
  }, 180_000);

  it('leads to the place of a mistake, and tells a lost connection from a result', async () => {
    const page = await openRule('auth/url-expired');
    const field = page.getByLabel('Rule or patch as JSON');
    const text = (await field.inputValue()).replace('"reason"', '"reson"');
    await field.fill(text);
    await page.getByRole('button', { name: 'Show what would change' }).click();
    await page
      .locator('[data-testid=findings]')
      .getByRole('button', { name: /^line \d+/ })
      .first()
      .click();
    const selected = await field.evaluate((element) => {
      const { value, selectionStart } = element as HTMLTextAreaElement;
      return value.slice(0, selectionStart).split('\n').length;
    });
    expect(text.split('\n')[selected - 1]).toContain('"reson"');
    await page.getByText('so it was not compared with the stored breaks').waitFor();

    await page.route('**/rules/try', (route) => route.abort());
    await field.press('Control+Enter');
    await page.getByText('The connection ended before the result.').waitFor();
    await page.close();
  });

  it('keeps the edit through a change of language, other pages and a reload', async () => {
    const page = await openRule('auth/url-expired');
    const field = page.getByTestId('trial').getByRole('textbox');
    const source = await field.inputValue();
    await field.fill(`${source}\n`);
    await page.getByLabel('Language').selectOption('zh');
    await page.getByRole('heading', { name: '修改影响' }).waitFor();
    // The rule in the other language has arrived.
    await page.getByText('推流开始时推流地址已过期').first().waitFor();
    expect(await field.inputValue()).toBe(`${source}\n`);
    await page.getByRole('link', { name: '所有规则' }).click();
    await page.getByTestId('rules').waitFor();
    await page.goBack();
    await page.getByText('这是您之前的修改').waitFor();
    expect(await field.inputValue()).toBe(`${source}\n`);
    await page.reload();
    await page.getByText('这是您之前的修改').waitFor();
    expect(await field.inputValue()).toBe(`${source}\n`);
    await page.getByRole('button', { name: '撤销我的修改' }).click();
    await page.reload();
    await page.getByRole('button', { name: '试用修改' }).waitFor();
    await page.close();
  });
});

describe('the list of rules', () => {
  it('has its filters in the address, with the back button and the way back from a rule', async () => {
    const page = await demo.browser.newPage({
      locale: 'en',
      viewport: { width: 390, height: 844 },
    });
    await page.goto(`${demo.url}/rules?category=auth&order=name`);
    const rows = page.getByTestId('rule');
    await rows.first().waitFor();
    const ids = () => rows.evaluateAll((all) => all.map((one) => one.getAttribute('data-rule')));
    const isOf = (category: string) => (all: (string | null)[]) =>
      all.length > 0 && all.every((id) => id?.startsWith(`${category}/`));
    await expect.poll(ids).toSatisfy(isOf('auth'));
    await page.getByLabel('Categories').selectOption('network');
    await expect.poll(ids).toSatisfy(isOf('network'));
    const query = () => new URL(page.url()).search;
    expect(query()).toBe('?category=network&order=name');
    await page.goBack();
    await expect.poll(ids).toSatisfy(isOf('auth'));
    await page.getByPlaceholder('Name, id or cause').fill('expired');
    await page.getByPlaceholder('Name, id or cause').fill('expired url');
    await page.goBack();
    await expect.poll(query).toBe('?category=auth&order=name');
    await rows.first().getByRole('link').click();
    await page.getByRole('link', { name: 'All rules' }).click();
    await expect.poll(ids).toSatisfy(isOf('auth'));
    expect(query()).toBe('?category=auth&order=name');
    await page.getByRole('link', { name: 'Rules', exact: true }).click();
    await expect.poll(query).toBe('');
    await page.close();
  });
});
