import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM_OPTIONS } from '../helpers/chromium-options.ts';

/** Starts the machine's Chromium without a window. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch(CHROMIUM_OPTIONS);
}
