import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { withDemo } from './with-demo.ts';

const demo = withDemo('--busy');

async function open(path: string, locale = 'en'): Promise<Page> {
  const page = await demo.browser.newPage({ locale, viewport: { width: 390, height: 844 } });
  await page.goto(`${demo.url}${path}`);
  return page;
}

const kindOf = (page: Page) => page.locator('[data-testid=explained]').getAttribute('data-kind');
const query = (page: Page) => new URL(page.url()).search;

describe('the lookup', () => {
  it('opens from the navigation, explains an example, and has an address for a code', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'Lookup' }).click();
    await page.getByRole('button', { name: '18/501' }).click();
    await page.locator('[data-testid=cause][data-rule="auth/url-expired"]').waitFor();
    expect(await kindOf(page)).toBe('code');
    expect(query(page)).toBe('?code=18/501');
    await page.getByText('the code has only this reason').waitFor();
    await page.getByText('reason: Push URL expired').first().waitFor();
    // The address alone shows the same, in another language too.
    const copy = await open('/lookup?code=18/501', 'zh');
    await copy.locator('[data-testid=cause][data-rule="auth/url-expired"]').waitFor();
    await copy.getByText('该错误码只有这一种原因').waitFor();
    await copy.close();
    await page.goBack();
    await page.locator('[data-testid=cause]').waitFor({ state: 'detached' });
    expect(await page.getByRole('textbox').inputValue()).toBe('');
    await page.goForward();
    await page.locator('[data-testid=cause]').waitFor();
    const link = page.getByRole('link', { name: 'Push URL expired', exact: true });
    await link.click();
    await page.getByRole('heading', { name: 'Where it last won' }).waitFor();
    await page.close();
  });

  it('keeps what was pasted out of the address, and through a change of language', async () => {
    const page = await open('/lookup');
    const field = page.getByRole('textbox');
    const secret = '0123456789abcdef0123456789abcdef';
    const url = `rtmp://push.example.com/live/shop-17?txSecret=${secret}&txTime=5C2A3CFF`;
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.url()));
    await field.fill(url);
    await field.press('Control+Enter');
    await page.locator('[data-testid=checked-url][data-verdict=refused]').waitFor();
    await page.getByText('CSS would refuse a push with this URL now').waitFor();
    expect(query(page)).toBe('');
    await page.getByLabel('Language').selectOption('ko');
    await page.getByText('지금 이 URL로 푸시하면 CSS가 거부합니다').waitFor();
    expect(await field.inputValue()).toBe(url);
    expect(await page.locator('[data-testid=explained]').innerText()).not.toContain(secret);
    expect(sent.join()).not.toContain(secret);
    const stored = await page.evaluate(() => JSON.stringify([localStorage, history.state]));
    expect(stored).not.toContain(secret);
    expect(
      await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      ),
    ).toBe(0);
    await page.close();
  });

  it('explains what is pasted at once, and says what can be pasted instead', async () => {
    const page = await open('/lookup');
    const field = page.getByRole('textbox');
    await field.focus();
    const callback = {
      ...{ event_type: 0, app: 'push.example.com', appname: 'live', stream_id: 'shop-17' },
      ...{ event_time: 1_767_225_600, errcode: 14 },
    };
    await page.evaluate((text) => {
      const area = document.querySelector('textarea') as HTMLTextAreaElement;
      area.dispatchEvent(new ClipboardEvent('paste', { bubbles: true }));
      document.execCommand('insertText', false, text);
    }, JSON.stringify(callback));
    await page.locator('[data-testid=cause]').waitFor();
    expect(await kindOf(page)).toBe('callback');
    await page.getByRole('button', { name: 'Clear' }).click();
    await field.fill('no such thing');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByRole('heading', { name: 'Breakwatch does not know this' }).waitFor();
    await page.getByRole('button', { name: 'ResourceNotFound.StopService' }).click();
    await page.getByRole('heading', { name: 'An error of the CSS API' }).waitFor();
    await page.close();
  });

  it('is one click from the code of a break', async () => {
    const page = await open('/');
    await page.locator('[data-testid=break]').first().waitFor({ timeout: 60_000 });
    const list = page.locator('[data-testid=breaks]');
    await list.locator('a[href^="/lookup?code="]').first().click();
    await page.locator('[data-testid=cause]').first().waitFor();
    expect(await kindOf(page)).toBe('code');
    await page.goBack();
    await list.getByRole('button', { name: 'Details' }).first().click();
    await list.locator('dl a[href^="/lookup?code="]').first().click();
    await page.locator('[data-testid=cause]').first().waitFor();
    await page.close();
  });

  it('is one click from the evidence of an incident', async () => {
    const page = await open('/');
    const card = page.locator('[data-testid=incident]');
    const link = card.locator('dd a[href^="/lookup?code="]').first();
    await link.waitFor({ timeout: 60_000 });
    await link.click();
    await page.locator('[data-testid=cause]').first().waitFor();
    await page.close();
  });
});
