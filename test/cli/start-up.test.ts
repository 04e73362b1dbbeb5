import { expect, it } from 'vitest';
import { runBreakwatch } from '../helpers/run-breakwatch.ts';

/** Prints each module of TypeBox that the process loads from outside of it. */
const WATCH = `
import { registerHooks } from 'node:module';
registerHooks({
  resolve(name, context, next) {
    const found = next(name, context);
    if (/node_modules.typebox/.test(found.url) && !/node_modules/.test(context.parentURL ?? '')) {
      process.stderr.write('loaded by ' + context.parentURL + '\\n');
    }
    return found;
  },
});`;
const environment = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(WATCH)}` };

it('loads the schemas of the contract only for commands that need them', async () => {
  const short = await runBreakwatch(['explain-code', '6012'], { environment });
  expect(short.errors).toBe('');
  const long = await runBreakwatch(['status', '--url', 'http://127.0.0.1:1'], { environment });
  expect(long.errors).toContain('loaded by ');
}, 120_000);
