import { writeSync } from 'node:fs';
import { format } from 'node:util';
import { type LogLevel, log } from './log.ts';

/**
 * Takes standard output away from everyone: Grafana reads its first line as the handshake and
 * refuses the plugin when anything else comes first. Whatever a library prints goes to the log.
 *
 * @returns writes the handshake line
 */
export function claimStdout(): (line: string) => void {
  const methods: Record<string, LogLevel> = {
    log: 'info',
    info: 'info',
    debug: 'debug',
    trace: 'debug',
    dir: 'debug',
    warn: 'warn',
    error: 'error',
  };
  for (const [method, level] of Object.entries(methods)) {
    Object.assign(console, {
      [method]: (...values: unknown[]) => log(level, format(...values)),
    });
  }
  Object.assign(process.stdout, {
    write: (chunk: unknown, ...rest: unknown[]) => {
      log('debug', `written to standard output: ${String(chunk).trimEnd()}`);
      const done = rest.find((one) => typeof one === 'function') as (() => void) | undefined;
      if (done) {
        queueMicrotask(done);
      }
      return true;
    },
  });
  return (line) => {
    writeSync(1, `${line}\n`);
  };
}
