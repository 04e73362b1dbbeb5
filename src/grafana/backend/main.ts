import { checkCookie } from './check-cookie.ts';
import { claimStdout } from './claim-stdout.ts';
import { log } from './log.ts';

/*
 * The process that Grafana starts. Little is imported before standard output is safe: the first line
 * on it must be the handshake.
 */

const stranger = checkCookie(process.env);
if (stranger) {
  process.stderr.write(`${stranger}\n`);
  process.exit(1);
}
const printHandshake = claimStdout();
// A log that nobody reads any more must not end the process before it is tidied up.
process.stderr.on('error', () => undefined);
process.on('uncaughtException', (error) => {
  log('error', 'a failure that nobody caught; Grafana starts the backend again', { error });
  process.exit(1);
});
process.on('unhandledRejection', (error) => {
  log('error', 'a rejection that nobody caught', { error });
});
// The launcher keeps Node from printing warnings as plain text.
process.on('warning', ({ name, message }) =>
  log(name === 'DeprecationWarning' ? 'debug' : 'warn', message, { name }),
);
import('./run-backend.ts')
  .then(({ runBackend }) => runBackend(printHandshake))
  .catch((error: unknown) => {
    log('error', 'the backend can not start', { error });
    process.exit(1);
  });
