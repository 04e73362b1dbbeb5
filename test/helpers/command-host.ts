import module from 'node:module';
import { Readable } from 'node:stream';

/**
 * Runs `breakwatch` commands for its parent process, one after another, each as if in its own process. See
 * `runHosted`.
 */

/** One command to run. */
export interface HostedCommand {
  args: string[];
  cwd: string;
  input: string;
  environment: NodeJS.ProcessEnv;
}

/** Exit code and output of a command. */
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
  // Changes the real object, because only that makes V8 notice a change of TZ.
  Object.assign(process.env, environment, NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {});
}

type Done = (error?: Error | null) => void;

/** Replaces `write` of a stream and collects what is written. */
function capture(stream: NodeJS.WriteStream): string[] {
  const chunks: string[] = [];
  stream.write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done) => {
    chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) {
      process.nextTick(callback);
    }
    return true;
  };
  return chunks;
}

async function run({ args, cwd, input, environment }: HostedCommand): Promise<CommandResult> {
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

process.on('message', async (command: HostedCommand) => process.send?.(await run(command)));
process.on('disconnect', () => process.exit(0));
