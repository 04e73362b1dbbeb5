import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { returnToCallerFolder } from './caller-folder.ts';

/**
 * The `breakwatch` command.
 *
 * Node keeps the compiled files in a cache, because stripping types and compiling take longer than most
 * commands run. Threads and processes that start from here read the variable too. When the folder cannot
 * be written, Node works without a cache.
 */
returnToCallerFolder(process.env);
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../../node_modules/.cache/breakwatch', import.meta.url),
);
module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
const { runProgram } = await import('./run-program.ts');
await runProgram(process.argv.slice(2));
