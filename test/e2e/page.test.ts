import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withDemo } from './with-demo.ts';

/** Path of the picture that the README shows; written only when set. */
const PICTURE = process.env.PAGE_PICTURE;
/** Path of a picture of a break's evidence; written only when set. */
const EVIDENCE_PICTURE = process.env.EVIDENCE_PICTURE;

const demo = withDemo('--busy');

describe('npm start -- --busy without an account', () => {
  it('shows diagnosed breaks of five categories and a recovery, as they happen', async () => {
    const page = await demo.browser.newPage({ viewport: { width: 1280, height: 1000 } });
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('response', (response) => {
      if (response.status() >= 400) {
        wrong.push(`${response.status()} ${response.url()}`);
      }
    });
    await page.goto(demo.url);
    const categories = page.locator('[data-testid=categories] [data-category]');
    const shown = async () => {
      const counts = await categories.evaluateAll((tiles) =>
        tiles.map((tile) => Number(tile.getAttribute('data-count'))),
      );
      return counts.filter((count) => count > 0).length;
    };
    await expect.poll(shown, { timeout: 60_000 }).toBeGreaterThanOrEqual(5);
    await page.locator('[data-testid=break][data-recovered=true]').first().waitFor();

    // Open incidents come first: the unpaid bill of a domain is one incident of its streams.
    const bill = page.locator('[data-testid=incident][data-category=billing]').first();
    await bill.getByText(/^[12] of 2 streams down$/).waitFor();
    await bill.getByText('Do now').waitFor();

    // The page updates without a reload.
    const newest = page.locator('[data-testid=break] time').first();
    const before = await newest.getAttribute('datetime');
    await expect.poll(() => newest.getAttribute('datetime'), { timeout: 30_000 }).not.toBe(before);

    // The list may change meanwhile, so find the open card by its expanded button.
    const list = page.locator('[data-testid=breaks]');
    await list.getByRole('button', { name: 'Details' }).first().click();
    await list.getByText('Evidence').first().waitFor();
    await list.getByRole('button', { name: 'Details', expanded: true }).first().click();
    if (PICTURE) {
      mkdirSync('docs/img', { recursive: true });
      await page.screenshot({ path: PICTURE });
    }
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('filters by category and text, and shows when nothing matches', async () => {
    const page = await demo.browser.newPage();
    await page.goto(demo.url);
    const cards = page.locator('[data-testid=break]');
    await cards.first().waitFor();
    await page.locator('[data-testid=categories] [data-category=network]').click();
    await expect
      .poll(() => cards.evaluateAll((all) => all.map((one) => one.getAttribute('data-category'))))
      .toSatisfy((all: string[]) => all.length > 0 && all.every((one) => one === 'network'));
    await page.getByPlaceholder('Stream, domain or client IP').fill('no-such-stream');
    await page.getByText('No break matches the filters.').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await cards.first().waitFor();
    await page.close();
  });

  it('keeps the view in the URL: after a reload, with the back button, and in a link', async () => {
    const page = await demo.browser.newPage();
    await page.goto(demo.url);
    const network = page.locator('[data-testid=categories] [data-category=network]');
    await network.click();
    await page.getByLabel('Last 7 d').click({ force: true });
    await expect.poll(() => page.url()).toContain('?category=network&hours=168');
    await page.reload();
    expect(await network.getAttribute('aria-pressed')).toBe('true');
    expect(await page.getByLabel('Last 7 d').isChecked()).toBe(true);
    await page.goBack();
    await expect.poll(() => page.getByLabel('Last 24 h').isChecked()).toBe(true);
    expect(await network.getAttribute('aria-pressed')).toBe('true');
    await page.goto(`${demo.url}/?incident=inc-of-long-ago`);
    await page.locator('[data-testid=unknown-incident]').waitFor();
    await page.getByRole('button', { name: 'Show open incidents' }).click();
    await expect.poll(() => page.url()).not.toContain('incident');
    await page.close();
  });

  it('shows the incident of a link after it has ended', async () => {
    const page = await demo.browser.newPage();
    // An incident that has ended, of any age; asked from the server as the page does.
    const over = async () => {
      const response = await page.request.post(`${demo.url}/api/v1/query`, {
        data: {
          from: Date.now() - 3_600_000,
          queries: [{ refId: 'A', queryType: 'incidents', state: ['recovered', 'resolved'] }],
        },
      });
      const { fields } = (await response.json()).results.A.frames[0];
      const ids: string[] = fields.find(({ name }: { name: string }) => name === 'id').values;
      for (const id of ids) {
        if ((await page.request.get(`${demo.url}/api/v1/incidents/${id}`)).ok()) {
          return id;
        }
      }
      return null;
    };
    await expect.poll(over, { timeout: 50_000 }).not.toBeNull();
    await page.goto(`${demo.url}/?incident=${await over()}`);
    const first = page.locator('[data-testid=incident]').first();
    await first.getByText(/^Recovered after/).waitFor();
    await first.getByText('Do now').waitFor();
    await page.close();
  });

  it('reconnects after a proxy answered with an error', async () => {
    const page = await demo.browser.newPage();
    let refused = 0;
    await page.route('**/api/v1/stream?*', (route) => {
      refused += 1;
      // A browser does not retry after this.
      return refused === 1 ? route.fulfill({ status: 502, body: 'bad gateway' }) : route.continue();
    });
    await page.goto(demo.url);
    await page.locator('[data-testid=break]').first().waitFor();
    await expect.poll(() => refused, { timeout: 20_000 }).toBe(2);
    await expect
      .poll(() => page.getByText('The Breakwatch server is not responding').count())
      .toBe(0);
    await page.close();
  });

  it('shows the language of the browser and fits a phone', async () => {
    const context = await demo.browser.newContext({
      viewport: { width: 375, height: 800 },
      locale: 'zh-CN',
    });
    const page = await context.newPage();
    await page.goto(demo.url);
    await page.locator('[data-testid=break]').first().waitFor();
    await page.getByText('立即处理').first().waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh');
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    await context.close();
  });

  it('loads the last minutes before a break from CSS and shows them on a phone', async () => {
    const context = await demo.browser.newContext({
      viewport: { width: 375, height: 800 },
      locale: 'ja-JP',
    });
    const page = await context.newPage();
    await page.goto(demo.url);
    // A cut network: the push was live, so there are samples, and its rates fell.
    const card = page.locator('[data-testid=break][data-category=network]').first();
    await card.waitFor();
    await card.getByRole('button', { name: '詳細' }).click();
    await card.getByRole('button', { name: '切断直前の数分間' }).click();
    const evidence = card.locator('[data-testid=evidence]');
    await evidence.waitFor();
    await expect.poll(() => evidence.locator('p').first().innerText()).toContain('タイムスタンプ');
    expect(await evidence.locator('svg polyline').count()).toBeGreaterThanOrEqual(3);
    await card.getByRole('button', { name: '再取得' }).waitFor();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    if (EVIDENCE_PICTURE) {
      await card.screenshot({ path: EVIDENCE_PICTURE });
    }
    await context.close();
  });

  it('shows a progress bar during a back-fill, and none afterwards', async () => {
    const page = await demo.browser.newPage();
    let done = false;
    await page.route('**/api/v1/health', async (route) => {
      const response = await route.fetch();
      const health = await response.json();
      const backfill = {
        from: 0,
        to: 1_000,
        doneUntil: 400,
        remainingMs: 400,
        etaMs: 90_000,
        done,
      };
      health.accounts[0].backfill = backfill;
      await route.fulfill({ response, json: health });
    });
    await page.goto(demo.url);
    const bar = page.locator('[data-testid=backfill]');
    await bar.getByText('60 % done').waitFor();
    await bar.getByText('about 1 min 30 s left').waitFor();
    done = true;
    await expect.poll(() => bar.count(), { timeout: 20_000 }).toBe(0);
    await page.close();
  });

  it('lets the on-call acknowledge an incident and judge its cause from a phone, and shows what was not saved', async () => {
    const page = await demo.browser.newPage({ viewport: { width: 390, height: 844 } });
    await page.goto(demo.url);
    const card = page.locator('[data-testid=incident]').first();
    await card.waitFor({ timeout: 50_000 });
    // An incident is stored a moment after the page shows it, so the first request may come too early.
    await page.route('**/api/v1/incidents/*/acknowledge', (route) =>
      route.fulfill({ status: 404, json: { error: { message: 'No incident has the id x.' } } }),
    );
    await card.locator('[data-testid=remark-acknowledge]').click();
    await card.getByLabel('Your name').fill('Ann');
    await card.getByRole('button', { name: 'Send' }).click();
    await card.getByRole('alert').getByText('Not saved: No incident has the id x.').waitFor();
    await page.unroute('**/api/v1/incidents/*/acknowledge');
    await expect
      .poll(
        async () => {
          const send = card.getByRole('button', { name: 'Send' });
          if (await send.isVisible()) {
            await send.click();
          }
          return page.getByText('Acknowledged by Ann').first().isVisible();
        },
        { timeout: 20_000, interval: 1_000 },
      )
      .toBe(true);
    await card.locator('[data-testid=remark-right]').click();
    await card.getByText('Saved. Thank you.').waitFor();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    await page.reload();
    await page.getByText('Acknowledged by Ann').first().waitFor();
    await page.close();
  });

  it('lists past incidents, hands one over, and shows its time line', async () => {
    const page = await demo.browser.newPage({ viewport: { width: 390, height: 844 } });
    await page.goto(demo.url);
    await page.locator('[data-testid=history]').click();
    await expect.poll(() => page.url()).toContain('history=1');
    // An incident of the demo's history is not stored; one that was open while the server ran is.
    const past = page.locator('[data-testid=past-incident]');
    await past.first().waitFor({ timeout: 60_000 });
    const storedId = async () => {
      for (const id of await past.evaluateAll((all) => all.map((one) => one.dataset.id))) {
        if ((await page.request.get(`${demo.url}/api/v1/incidents/${id}`)).ok()) {
          return id;
        }
      }
      return null;
    };
    await expect.poll(storedId, { timeout: 100_000 }).not.toBeNull();
    const id = (await storedId()) as string;
    await page.getByPlaceholder('Stream, domain or client IP').fill(id);
    await expect.poll(() => past.count()).toBe(1);
    await past.first().click();
    const card = page.locator('[data-testid=past-incidents] [data-testid=incident]');
    const say = async (kind: string, name: string | null, text: string | null) => {
      await card.locator(`[data-testid=remark-${kind}]`).click();
      const send = card.getByRole('button', { name: 'Send' });
      if (name !== null) {
        await card.getByLabel('Your name').fill(name);
      }
      if (text !== null) {
        await card.locator('form input').last().fill(text);
      }
      if (name !== null || text !== null) {
        await send.click();
      }
    };
    await say('acknowledge', 'Ann', null);
    const story = card.locator('[data-testid=story]');
    await story.getByText('Acknowledged by Ann').waitFor();
    await say('note', 'Bob', 'called the venue');
    await story.getByText('Note by Bob: called the venue').waitFor();
    await say('takeOver', 'Bob', 'night shift');
    await story.getByText('Taken over by Bob: night shift').waitFor();
    await say('release', null, 'all quiet');
    await story.getByText('Released by Bob: all quiet').waitFor();
    expect(await story.locator('li').first().getAttribute('data-kind')).toBe('opened');
    await card.locator('[data-testid=remark-acknowledge]').waitFor();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    await page.close();
  }, 180_000);

  it('shows which alerts fire, since when and why', async () => {
    const page = await demo.browser.newPage();
    await page.goto(demo.url);
    const shown = page.locator('[data-testid=alert], [data-testid=card-alert]').first();
    await shown
      .getByText(/firing since .* within .*\([a-z]+\/[a-z-]+\)/)
      .waitFor({ timeout: 100_000 });
    await page.close();
  }, 180_000);

  it('shows that the server is not responding', async () => {
    const page = await demo.browser.newPage();
    await page.goto(demo.url);
    await page.locator('[data-testid=break]').first().waitFor();
    void demo.stop();
    await page.getByText('The Breakwatch server is not responding').waitFor({ timeout: 20_000 });
    await page.locator('[data-testid=account][data-state=disconnected]').waitFor();
    // The breaks stay readable.
    expect(await page.locator('[data-testid=break]').count()).toBeGreaterThan(0);
    await page.close();
  });
});
