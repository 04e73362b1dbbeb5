import { describe, expect, it } from 'vitest';
import { withDemo } from './with-demo.ts';

const demo = withDemo();

describe('npm start without an account', () => {
  it('opens with one incident that says what to do, and with the history of six hours', async () => {
    const page = await demo.browser.newPage({ viewport: { width: 1280, height: 1000 } });
    await page.goto(demo.url);
    const incidents = page.locator('[data-testid=incident]');
    await incidents.first().getByText('Do now').waitFor({ timeout: 60_000 });
    await expect.poll(() => incidents.count(), { timeout: 60_000 }).toBe(1);
    const text = await incidents.first().innerText();
    expect(text).toContain('marathon-finish');
    expect(text).toContain('expired');

    const tiles = page.locator('[data-testid=categories] [data-category]');
    const shown = async () => {
      const counts = await tiles.evaluateAll((all) =>
        all.map((tile) => Number(tile.getAttribute('data-count'))),
      );
      return counts.filter((count) => count > 0).length;
    };
    await expect.poll(shown, { timeout: 60_000 }).toBeGreaterThanOrEqual(6);
    await page.locator('[data-testid=break][data-recovered=true]').first().waitFor();
  });
});
