import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchChromium } from './launch-chromium.ts';
import { startDemo } from './start-demo.ts';

/** What the tests of a file share. */
interface Demo {
  /** Address of the page. */
  readonly url: string;
  readonly browser: Browser;
  /** Ends the server before the tests are over. */
  stop(): Promise<void>;
}

/** Runs `npm start` and a browser for all tests of a file. @param options - options of `start` */
export function withDemo(...options: string[]): Demo {
  let demo: Awaited<ReturnType<typeof startDemo>>;
  let browser: Browser;
  beforeAll(async () => {
    demo = await startDemo(...options);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });
  return {
    get url() {
      return demo.url;
    },
    get browser() {
      return browser;
    },
    stop: () => demo.stop(),
  };
}
