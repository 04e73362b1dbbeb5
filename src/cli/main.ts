import module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * The `breakwatch` command. Node keeps what it made of the TypeScript files beside the packages, because
 * stripping and compiling them anew takes longer than most commands do; threads and processes that are
 * started from here read the variable. Where the folder can not be written, Node goes on without.
 */
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../../node_modules/.cache/breakwatch', import.meta.url),
);
module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
const { runProgram } = await import('./run-program.ts');
await runProgram(process.argv.slice(2));
