import { createInterface } from 'node:readline';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import { saveCompiledCode } from '../threads/run-thread.ts';
import { type EmbeddedInput, readEmbeddedSettings } from './config/read-embedded-settings.ts';
import { log } from './output/log.ts';

/**
 * The server of an embedded data source: Grafana's plugin starts it and holds its standard input open.
 *
 * - It reads its settings as one line of JSON from standard input. Arguments and environment variables can be read by
 *   other processes, and the settings contain secrets.
 * - It prints one line of JSON when it listens, or when it cannot start: `{url}` or `{error}`.
 * - It ends when its standard input closes, also because the plugin was killed. So no server is left that holds the data
 *   folder.
 *
 * @module
 */

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Reads the first line of standard input. `closed` resolves at its end. */
function readInput(): { line: Promise<string>; closed: Promise<void> } {
  const lines = createInterface({ input: process.stdin });
  const closed = new Promise<void>((resolve) => lines.once('close', resolve));
  const line = Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    closed.then(() => {
      throw maskedError('BAD_CONFIG', {
        problem:
          'standard input has no settings. Grafana starts this program; use "breakwatch serve".',
      });
    }),
  ]);
  return { line, closed };
}

// A plugin that was killed reads neither output nor log.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
// Ctrl-C reaches the whole process group. The plugin closes standard input when it ends.
process.on('SIGINT', () => undefined);
try {
  const { line, closed } = readInput();
  const config = readEmbeddedSettings(JSON.parse(await line) as EmbeddedInput);
  // Imported here, so that a start without settings fails at once.
  const { runServer } = await import('./server/run-server.ts');
  const running = await runServer(config);
  running.engine.startPolling();
  print({ url: running.server.url });
  saveCompiledCode();
  const terminated = new Promise((resolve) => process.once('SIGTERM', resolve));
  await Promise.race([closed, terminated]);
  log('info', 'ending, because Grafana or its plugin ended');
  await running.close();
  process.exit(0);
} catch (thrown) {
  const error = asBreakwatchError(thrown);
  print({ error: { ...error.toAnswer(), status: error.status } });
  process.exitCode = 1;
  process.stdin.destroy();
}
