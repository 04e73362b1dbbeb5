import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** More lines than a pipe holds, so that the command still writes when its reader has gone. */
const EVENTS = 500;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-pipe-'));
  writeFileSync(
    join(folder, 'events.jsonl'),
    '{"reasonText":"The push timed out."}\n'.repeat(EVENTS),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a pipeline whose first command is `breakwatch`, and writes the exit code of that to a file. */
async function runPiped(args: string, reader: string, redirect = '') {
  const script = `{ "$NODE" "$MAIN" ${args}; echo "exit code $?" >&3; } ${redirect} | ${reader}`;
  const child = spawn('sh', ['-c', script], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE: process.execPath, MAIN },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const texts = { output: '', errors: '', code: '' };
  const [, stdout, stderr, third] = child.stdio;
  stdout?.on('data', (chunk) => {
    texts.output += chunk;
  });
  stderr?.on('data', (chunk) => {
    texts.errors += chunk;
  });
  third?.on('data', (chunk) => {
    texts.code += chunk;
  });
  await once(child, 'close');
  return texts;
}

describe('a command whose reader closes the pipe', () => {
  it('ends quietly when the reader wants one line of many', async () => {
    const { output, errors, code } = await runPiped('diagnose events.jsonl', 'head -1');
    expect(JSON.parse(output)).toMatchObject({ rule: 'unknown/unrecognized' });
    expect(errors).toBe('');
    expect(code).toBe('exit code 0\n');
  });

  it('ends quietly when the reader wants one line of an explanation', async () => {
    const { output, errors, code } = await runPiped('explain-code 18', 'head -1');
    expect(output).toMatch(/\S.*\n/);
    expect(errors).toBe('');
    expect(code).toBe('exit code 0\n');
  });

  it('ends quietly when the reader is gone before the first line', async () => {
    const { errors, code } = await runPiped('explain-code 18', 'true');
    expect(errors).toBe('');
    expect(code).toBe('exit code 0\n');
  });

  it('keeps its exit code when errors are piped too', async () => {
    const { code } = await runPiped('explain-code', 'true', '2>&1');
    expect(code).toBe('exit code 2\n');
  });
});
