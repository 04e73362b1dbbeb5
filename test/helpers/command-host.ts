import module from 'node:module';
import { Readable } from 'node:stream';

/**
 * Runs `breakwatch` commands one after another for the process that started it, each as if in a process of
 * its own; see `runHosted`.
 */

/** One command to run. */
export interface HostOrder {
  args: string[];
  cwd: string;
  input: string;
  environment: NodeJS.ProcessEnv;
}

/** What a run of the command came to. */
export interface CommandResult {
  code: number | null;
  output: string;
  errors: string;
}

const { NODE_COMPILE_CACHE } = process.env;
module.enableCompileCache(NODE_COMPILE_CACHE);
const { runProgram } = await import('../../src/cli/run-program.ts');

function setEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) {
    if (!(name in environment)) {
      delete process.env[name];
    }
  }
  // The real object is kept: a change of TZ is told to V8 by it alone.
  Object.assign(process.env, environment, NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {});
}

type Done = (error?: Error | null) => void;

/** Takes what is written to a stream, as its `write` would. */
function capture(stream: NodeJS.WriteStream): string[] {
  const pieces: string[] = [];
  stream.write = (piece: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done) => {
    pieces.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString());
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) {
      process.nextTick(callback);
    }
    return true;
  };
  return pieces;
}

async function run({ args, cwd, input, environment }: HostOrder): Promise<CommandResult> {
  process.chdir(cwd);
  setEnvironment(environment);
  process.exitCode = undefined;
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)], { objectMode: false });
  Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
  const output = capture(process.stdout);
  const errors = capture(process.stderr);
  await runProgram(args);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.removeAllListeners(signal);
  }
  return { code: Number(process.exitCode ?? 0), output: output.join(''), errors: errors.join('') };
}

process.on('message', async (order: HostOrder) => process.send?.(await run(order)));
process.on('disconnect', () => process.exit(0));
