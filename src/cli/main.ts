import { existsSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * The `breakwatch` command.
 *
 * @module
 */

const PACKAGE_JSON = fileURLToPath(new URL('../../package.json', import.meta.url));
const SCRIPTS = ['breakwatch', 'start'];

/**
 * Goes back to the folder where the user typed `npm run breakwatch` or `npm start`. npm runs a script in
 * the folder of package.json, so a relative path in an argument or a default would point there. A command
 * that npm did not start as one of these scripts stays where it is.
 */
function returnToCallerFolder(environment: NodeJS.ProcessEnv): void {
  const { INIT_CWD, npm_lifecycle_event: script, npm_package_json: file } = environment;
  const isOwnScript =
    script !== undefined &&
    SCRIPTS.includes(script) &&
    file !== undefined &&
    existsSync(file) &&
    realpathSync(file) === realpathSync(PACKAGE_JSON);
  if (isOwnScript && INIT_CWD && existsSync(INIT_CWD)) {
    process.chdir(INIT_CWD);
  }
}

/**
 * Discards output after its reader has gone, as in `breakwatch explain-code 18 | head -1`. Without a
 * listener, Node would end the process with a stack trace. The command goes on: an import must not stop
 * half-way, and a server must outlive the reader of its log.
 */
function discardWhenClosed(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
  });
}

discardWhenClosed(process.stdout);
discardWhenClosed(process.stderr);
returnToCallerFolder(process.env);
// Node keeps the compiled files in a cache, because stripping types and compiling take longer than most
// commands run. Threads and processes that start from here read the variable too. When the folder cannot
// be written, Node works without a cache.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../../node_modules/.cache/breakwatch', import.meta.url),
);
module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
const { runProgram } = await import('./run-program.ts');
await runProgram(process.argv.slice(2));
