import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellEnvironment } from '../helpers/shell-environment.ts';
import { CALLBACK_KEY, signedCallback } from '../helpers/signed-callback.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGE_LIMIT_BYTES = 4_000_000;

interface PackedFile {
  path: string;
  size: number;
}
interface Packed {
  filename: string;
  size: number;
  files: PackedFile[];
}

let folder: string;
let packed: Packed;
let server: ChildProcess | undefined;

function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; input?: string } = {},
) {
  const running = promisify(execFile)(command, [...args], {
    cwd: options.cwd ?? folder,
    env: shellEnvironment(),
    maxBuffer: 64 * 1024 * 1024,
  });
  running.child.stdin?.end(options.input ?? '');
  return running;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-package-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: repository,
  });
  // Scripts that npm runs before packing may print lines of their own.
  const answer = JSON.parse(stdout.slice(stdout.search(/^[[{]\s*$/m))) as
    | Packed[]
    | Record<string, Packed>;
  packed = Object.values(answer)[0] as Packed;
  await run('npm', ['init', '-y']);
  await run('npm', ['install', '--no-audit', '--no-fund', join(folder, packed.filename)]);
});
afterAll(() => {
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('the packed package', () => {
  it('has compiled code, rules, runbooks and the page, and no sources or tests', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'bin/breakwatch.js',
        'lib/cli/main.js',
        'rules/auth/url-expired.json',
        'docs/runbooks/auth-url-expired.md',
        'dist/web/index.html',
        'README.md',
        'CHANGELOG.md',
        'LICENSE',
      ]),
    );
    expect(paths.filter((path) => /\.tsx?$|^(src|test|bench|\.ci)\//.test(path))).toEqual([]);
  });

  it(`is smaller than ${PACKAGE_LIMIT_BYTES} bytes`, () => {
    expect(packed.size).toBeLessThan(PACKAGE_LIMIT_BYTES);
  });

  it('installs no package that only the build or the plugin needs', () => {
    const installed = readdirSync(join(folder, 'node_modules'));
    const names = ['@grafana', 'react', 'rxjs', 'apache-arrow', '@grpc', 'vite', 'typescript'];
    expect(names.filter((name) => installed.includes(name))).toEqual([]);
  });
});

describe('npx breakwatch in the folder where the package is installed', () => {
  it('explains a code', async () => {
    const { stdout } = await run('npx', ['breakwatch', 'explain-code', '6012']);
    expect(stdout).toContain('6012  Push timed out');
  });

  it('diagnoses an event', async () => {
    const { stdout } = await run('npx', ['breakwatch', 'diagnose'], {
      input: '{"errcode": 18, "subErrcode": 501}\n',
    });
    expect(JSON.parse(stdout)).toMatchObject({ reason: 'expiry_passed', category: 'auth' });
  });

  it('checks a team folder with a path relative to the working folder, and no empty one', async () => {
    const team = join(folder, 'team');
    mkdirSync(join(team, 'empty-rules'), { recursive: true });
    const breakwatch = (...args: string[]) => run('npx', ['breakwatch', ...args], { cwd: team });
    await breakwatch('rules', 'init', 'ours');
    const { stdout } = await breakwatch('rules', 'lint', 'ours', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ findings: [] });
    const empty = breakwatch('rules', 'lint', 'empty-rules', '--json').catch(
      (error: { stdout: string }) => JSON.parse(error.stdout),
    );
    expect(await empty).toMatchObject({ findings: [{ level: 'error', check: 'empty' }] });
  });

  it('serves the page and accepts a signed callback', async () => {
    const serving = spawn('npx', ['breakwatch', 'serve'], {
      cwd: folder,
      env: shellEnvironment({ BREAKWATCH_CALLBACK_KEY: CALLBACK_KEY, BREAKWATCH_PORT: '0' }),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    server = serving;
    let errors = '';
    serving.stderr.on('data', (piece) => {
      errors += piece;
    });
    let url = '';
    for await (const line of createInterface({ input: serving.stdout })) {
      url = /listens on (\S+)/.exec(line)?.[1] ?? '';
      if (url) {
        break;
      }
    }
    expect(url, errors).not.toBe('');
    try {
      const page = await fetch(url);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('<script');
      const taken = await fetch(`${url}/callbacks/css/default`, {
        method: 'POST',
        body: JSON.stringify(signedCallback({ change: { errcode: 18, sub_errcode: 501 } })),
      });
      expect(taken.status).toBe(200);
      await expect
        .poll(
          async () => {
            const answer = await fetch(`${url}/api/v1/breaks`);
            return ((await answer.json()) as { breaks: unknown[] }).breaks;
          },
          { timeout: 60_000, interval: 250 },
        )
        .toMatchObject([{ diagnosis: { reason: 'expiry_passed' } }]);
      expect(statSync(join(folder, 'data')).isDirectory()).toBe(true);
    } finally {
      process.kill(-(serving.pid as number), 'SIGTERM');
    }
    await once(serving, 'close');
    expect(existsSync(join(folder, 'data', 'journal.db'))).toBe(true);
    expect(errors).not.toMatch(/ERR_|Error:/);
  });
});
