import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellEnvironment } from '../helpers/shell-environment.ts';
import { CALLBACK_KEY, signedCallback } from '../helpers/signed-callback.ts';
import { CURL, GH, GITLAB_VARIABLES, githubSteps, gitlabStep } from './rules-ci.ts';

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

describe('the templates for pull requests, from an empty folder', () => {
  const RECORD = {
    AppName: 'live',
    DomainName: 'push.example.com',
    StreamName: 'shop-1',
    StreamEndTime: '2026-03-01T15:30:00Z',
    StopReason: '推流链路网络异常',
    ClientIp: '203.0.113.9',
  };
  let home: string;
  let work: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'breakwatch-ci-'));
    work = join(home, 'work');
    mkdirSync(work);
    mkdirSync(join(home, 'bin'));
    const found = await promisify(execFile)('which', ['npm'], { env: shellEnvironment() });
    const npm = found.stdout.trim();
    // The package is not on the registry yet; everything else is as a runner has it.
    const packedFile = join(folder, packed.filename);
    shim('npm', `[ "$3" = breakwatch ] && set -- "$1" "$2" "${packedFile}"; exec "${npm}" "$@"`);
    shim('gh', GH);
    shim('curl', CURL);
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  function shim(name: string, script: string): void {
    const file = join(home, 'bin', name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  async function shell(script: string, more: Record<string, string> = {}): Promise<string> {
    const env = shellEnvironment({
      PATH: `${join(home, 'bin')}:${process.env.PATH}`,
      HOME: home,
      COMMENTS: home,
      BREAKWATCH_DATA: join(home, 'data'),
      GIT_CONFIG_GLOBAL: join(home, 'gitconfig'),
      ...more,
    });
    const { stdout } = await promisify(execFile)('sh', ['-ec', script], { cwd: work, env });
    return stdout;
  }

  it('check a branch and comment what it changes, on GitHub and on GitLab alike', async () => {
    writeFileSync(join(home, 'raw.jsonl'), `${JSON.stringify(RECORD)}\n`);
    await shell(`
      git config --global user.name team && git config --global user.email team@example.com
      git init --quiet --bare --initial-branch main ../origin.git
      git init --quiet --initial-branch main . && git remote add origin ../origin.git
      ln -s "${folder}/node_modules" node_modules
      npx breakwatch rules init ours
      npx breakwatch import ../raw.jsonl && npx breakwatch export > events.jsonl
      printf '/node_modules\\n.base\\ncomment.md\\nrules.sarif\\n' > .gitignore
      git add . && git commit --quiet --message 'Rules of our own' && git push --quiet origin main
      git checkout --quiet -b quieter
      npx breakwatch rules patch network/link-error --dir ours`);
    const patch = join(work, 'ours/patches/network/link-error.json');
    const text = JSON.parse(readFileSync(patch, 'utf8'));
    text.patch = { event: { params: { severity: 'info' } } };
    writeFileSync(patch, `${JSON.stringify(text, null, 2)}\n`);
    await shell('rm node_modules && git add . && git commit --quiet --message Quieter');
    for (const { script, env } of githubSteps({ 'github.base_ref': 'main' })) {
      await shell(script, env);
    }
    const comment = readFileSync(join(home, 'github.md'), 'utf8');
    expect(comment).toMatch(/network\/link-error/);
    expect(comment).toContain('1 break, 2026-03-01 15:30:00');
    await shell('git worktree remove --force .base');
    const { script, env } = gitlabStep();
    await shell(script, { ...env, ...GITLAB_VARIABLES });
    expect(readFileSync(join(home, 'gitlab.md'), 'utf8')).toBe(comment);
    expect(JSON.parse(readFileSync(join(work, 'rules.sarif'), 'utf8')).runs[0].results).toEqual([]);
  });
});
