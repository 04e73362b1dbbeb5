import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shellEnvironment } from '../helpers/shell-environment.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const docs = join(repository, 'docs');
const machineMajor = Number.parseInt(
  execFileSync('node', ['-p', 'process.versions.node'], { env: shellEnvironment() }).toString(),
  10,
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-checkout-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in the docs folder of this checkout, on the Node of the machine. */
async function runInDocs(command: string, ...args: string[]) {
  const env = shellEnvironment();
  return promisify(execFile)(command, args, { cwd: docs, env }).catch(
    (failure: { code: number; stdout: string; stderr: string }) => failure,
  );
}

describe.each([
  ['npx breakwatch', ['npx', 'breakwatch']],
  ['npm run -s breakwatch --', ['npm', 'run', '-s', 'breakwatch', '--']],
])('%s, run in a subfolder of a checkout', (_title, [command = '', ...words]) => {
  it('reads an argument relative to that subfolder', async () => {
    mkdirSync(join(folder, 'auth'));
    writeFileSync(join(folder, 'auth', 'broken.json'), '{');
    const rules = relative(docs, folder);
    const { stdout } = await runInDocs(command, ...words, 'rules', 'lint', rules);
    expect(stdout).toMatch(/auth\/broken\.json:1:\d+: error/);
  });

  it('writes relative to that subfolder', async () => {
    const team = relative(docs, join(folder, 'team'));
    await runInDocs(command, ...words, 'rules', 'init', team);
    expect(readdirSync(join(folder, 'team'))).toContain('README.md');
  });
});

describe('bin/breakwatch.js without Node 24', () => {
  it.skipIf(machineMajor >= 24)('reports what is missing and how to install it', async () => {
    cpSync(join(repository, 'bin'), join(folder, 'bin'), { recursive: true });
    const result = await promisify(execFile)('node', [join(folder, 'bin', 'breakwatch.js')], {
      env: shellEnvironment(),
    }).catch((failure: { code: number; stderr: string }) => failure);
    expect(result).toMatchObject({ code: 1 });
    expect(result.stderr).toContain('breakwatch needs Node 24 or newer');
    expect(result.stderr).toMatch(/is not installed|Install Node 24/);
  });
});

describe('bin/breakwatch.js', () => {
  const started = async (command: string) => {
    const report = join(folder, 'report.cjs');
    writeFileSync(report, 'console.log(process.execArgv.join(" "), process.env.MALLOC_ARENA_MAX);');
    const env = { ...shellEnvironment(), NODE_OPTIONS: `--require=${report}` };
    const bin = join(repository, 'bin', 'breakwatch.js');
    return (await promisify(execFile)('node', [bin, command, '--help'], { env })).stdout;
  };

  it.each(['start', 'serve'])(
    'starts %s with the settings that keep memory small',
    async (name) => {
      expect(await started(name)).toMatch(/ --max-semi-space-size=4 --v8-pool-size=1 2\n/);
    },
  );

  it('starts other commands without them', async () => {
    expect(await started('explain-code')).not.toMatch(/semi-space| 2\n/);
  });
});
