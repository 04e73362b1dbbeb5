import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatRule } from '../../src/diagnosis/workbench/index.ts';
import { makeRule } from '../helpers/rules-folder.ts';
import { type ServeProcess, startServe } from '../helpers/serve-process.ts';
import { signedCallback } from '../helpers/signed-callback.ts';
import { CURL, GH, GITLAB_VARIABLES, githubSteps, gitlabStep } from './rules-ci.ts';

/**
 * A team's day, from an empty folder to a rule that is live. The steps share one repository and run in order, with
 * the commands of the templates in packaging/rules-ci.
 */
const repository = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(repository, 'src/cli/main.ts');

let home: string;
let work: string;
let served: ServeProcess | undefined;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'breakwatch-team-'));
  work = join(home, 'work');
  mkdirSync(work);
  // The programs of a runner: npx finds this checkout, nothing is installed, comments go to files.
  shim('npx', `shift; exec "${process.execPath}" --no-memory-protection-keys "${MAIN}" "$@"`);
  shim('npm', 'exit 0');
  shim('gh', GH);
  shim('curl', CURL);
});
afterAll(async () => {
  await served?.remove();
  rmSync(home, { recursive: true, force: true });
});

function shim(name: string, script: string): void {
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(home, 'bin', name), 0o755);
}

async function shell(script: string, env: Record<string, string> = {}) {
  const environment = {
    PATH: `${join(home, 'bin')}:${process.env.PATH}`,
    HOME: home,
    COMMENTS: home,
    BREAKWATCH_DATA: join(home, 'data'),
    GIT_AUTHOR_NAME: 'team',
    GIT_AUTHOR_EMAIL: 'team@example.com',
    GIT_COMMITTER_NAME: 'team',
    GIT_COMMITTER_EMAIL: 'team@example.com',
    ...env,
  };
  return promisify(execFile)('sh', ['-ec', script], { cwd: work, env: environment }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout, errors: stderr }),
    (failure: { code: number; stdout: string; stderr: string }) => {
      return { code: failure.code, output: failure.stdout, errors: failure.stderr };
    },
  );
}

/** Runs a script that must succeed. */
async function done(script: string, env: Record<string, string> = {}): Promise<string> {
  const { code, output, errors } = await shell(script, env);
  expect({ code, errors: code === 0 ? '' : `${output}${errors}` }).toEqual({ code: 0, errors: '' });
  return output;
}

function put(id: string, rule: object): void {
  const file = join(work, 'ours', `${id}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, formatRule(rule));
}

const NETWORK = { fact: 'reason', operator: 'in', value: ['network', 'idle_no_data'] };
const NIGHT = { fact: 'endedAt', operator: 'atTimeOfDay', value: '22:00-06:00 Asia/Shanghai' };
const alert = { window: '5m', threshold: 1, groupBy: ['stream'] };
const at = (time: string) => `2026-03-01T${time}:00+08:00`;

const RULES: Record<string, object> = {
  'network/vip': makeRule('network/vip', {
    priority: 90,
    conditions: { all: [NETWORK, { fact: 'vip', operator: 'equal', value: true }] } as never,
    params: { severity: 'critical', alert },
    tests: [
      {
        name: 'a VIP stream at night',
        given: { errcode: 14, vip: true, endedAt: at('23:30') },
        expect: 'match',
      },
      { name: 'any other', given: { errcode: 14, endedAt: at('12:00') }, expect: 'no-match' },
    ],
  }),
  'network/nodes-10-2': makeRule('network/nodes-10-2', {
    priority: 88,
    conditions: {
      all: [NETWORK, { fact: 'node', operator: 'inCidr', value: '10.2.0.0/16' }],
    } as never,
    params: { alert: { ...alert, threshold: 3, groupBy: ['node'] } },
    tests: [
      { name: 'on such a node', given: { errcode: 14, node: '10.2.0.14' }, expect: 'match' },
      { name: 'on another', given: { errcode: 14, node: '10.3.0.14' }, expect: 'no-match' },
    ],
  }),
  'network/quiet-night': makeRule('network/quiet-night', {
    priority: 84,
    conditions: { all: [NETWORK, { condition: 'night' }] } as never,
    params: { severity: 'info' },
    tests: [
      { name: 'at night', given: { errcode: 14, endedAt: at('23:30') }, expect: 'match' },
      {
        name: 'a VIP stream',
        given: { errcode: 14, vip: true, endedAt: at('23:30') },
        expect: 'network/vip',
      },
      { name: 'by day', given: { errcode: 14, endedAt: at('12:00') }, expect: 'no-match' },
    ],
  }),
};

/** Runs the steps of the GitHub template that have a script; resolves to the first that fails. */
async function runGithub(): Promise<{ failed: string[]; output: string }> {
  await shell('git worktree remove --force .base');
  const failed: string[] = [];
  let output = '';
  for (const { name, script, env } of githubSteps({ 'github.base_ref': 'main' })) {
    const result = await shell(script, env);
    output += result.output + result.errors;
    if (result.code !== 0) {
      failed.push(name);
    }
  }
  return { failed, output };
}

describe("a team's day", () => {
  it('begins in an empty folder', async () => {
    await done(`
      git init --quiet --bare --initial-branch main ../origin.git
      git init --quiet --initial-branch main .
      git remote add origin ../origin.git
      npx breakwatch rules init ours
      npx breakwatch rules check ours --strict
      printf 'node_modules\\n.base\\ncomment.md\\nrules.sarif\\n' > .gitignore
      git add . && git commit --quiet --message 'Rules of our own'
      git push --quiet origin main && git fetch --quiet origin`);
  });

  it('exports past breaks to judge by', async () => {
    const lines = [
      ['shop-1', '2026-03-01T15:30:00Z'],
      ['shop-2', '2026-03-01T05:30:00Z'],
    ].map(([stream, ended]) =>
      JSON.stringify({
        AppName: 'live',
        DomainName: 'push.example.com',
        StreamName: stream,
        StreamStartTime: '2026-03-01T01:00:00Z',
        StreamEndTime: ended,
        StopReason: '推流链路网络异常',
        ClientIp: '203.0.113.9',
      }),
    );
    writeFileSync(join(home, 'raw.jsonl'), `${lines.join('\n')}\n`);
    await done('npx breakwatch import ../raw.jsonl && npx breakwatch export > events.jsonl');
    await done(
      "git add . && git commit --quiet --message 'Past breaks' && git push --quiet origin main",
    );
  });

  it('writes three rules and a patch in a branch', async () => {
    await done('git fetch --quiet origin && git checkout --quiet -b our-rules');
    mkdirSync(join(work, 'ours/conditions'));
    writeFileSync(
      join(work, 'ours/conditions/times.json'),
      `${JSON.stringify({ $schema: '../schema/conditions.schema.json', night: { all: [NIGHT] } }, null, 2)}\n`,
    );
    for (const [id, rule] of Object.entries(RULES)) {
      put(id, rule);
    }
    await done('npx breakwatch rules patch platform/internal-error --dir ours');
    await done(
      'npx breakwatch rules check ours --strict && git add . && git commit --quiet --message Three',
    );
  });

  it('sees a mistake in the check, and the others in the comment all the same', async () => {
    put('network/vip', { ...RULES['network/vip'], priority: 1 });
    const { failed, output } = await runGithub();
    expect(failed).toEqual(['Check']);
    expect(output).toMatch(
      /^::error file=ours\/network\/vip\.json,line=\d+,col=\d+,title=breakwatch test::/m,
    );
    put('network/vip', RULES['network/vip'] as object);
  }, 120_000);

  it('gets a comment on the pull request that names what changes', async () => {
    expect(await runGithub()).toMatchObject({ failed: [] });
    const comment = readFileSync(join(home, 'github.md'), 'utf8');
    expect(comment).toContain('network/quiet-night');
    expect(comment).toContain('network/nodes-10-2');
    expect(comment).toContain('2 breaks, 2026-03-01 05:30:00 to 2026-03-01 15:30:00 UTC');
    // Only the break at 23:30 in Shanghai.
    expect(comment).toMatch(/\| `network\/[a-z-]+` \| `network\/quiet-night` \| 1 \| .*shop-1/);
  }, 120_000);

  it('gets the same comment on GitLab', async () => {
    const { script, env } = gitlabStep();
    await done(`git worktree remove --force .base; ${script}`, { ...env, ...GITLAB_VARIABLES });
    expect(readFileSync(join(home, 'gitlab.md'), 'utf8')).toBe(
      readFileSync(join(home, 'github.md'), 'utf8'),
    );
    expect(readFileSync(join(home, 'curl.txt'), 'utf8')).toContain(
      '/projects/7/merge_requests/3/notes',
    );
    expect(JSON.parse(readFileSync(join(work, 'rules.sarif'), 'utf8')).runs[0].results).toEqual([]);
  }, 120_000);

  it('merges, and a running server judges by the new rules', async () => {
    await done('git worktree remove --force .base && git checkout --quiet main');
    served = await startServe('', { BREAKWATCH_RULES: join(work, 'ours') });
    const { url } = served;
    const setOf = async () => {
      const answer = (await (await fetch(`${url}/api/v1/health`)).json()) as {
        rules: { set: string; error: unknown };
      };
      return answer.rules;
    };
    const before = await setOf();
    await done('git merge --quiet our-rules');
    await expect
      .poll(async () => (await setOf()).set, { timeout: 30_000, interval: 200 })
      .not.toBe(before.set);
    expect((await setOf()).error).toBeNull();
    const posted = await fetch(`${url}/callbacks/css/default`, {
      method: 'POST',
      body: JSON.stringify(
        signedCallback({
          change: {
            event_type: 0,
            errcode: 14,
            node: '10.2.0.14',
            stream_id: 'shop-9',
            channel_id: 'shop-9',
          },
        }),
      ),
    });
    expect(posted.status).toBe(200);
    await expect
      .poll(
        async () => {
          const answer = await (await fetch(`${url}/api/v1/breaks`)).text();
          return answer.includes('network/nodes-10-2');
        },
        { timeout: 30_000, interval: 200 },
      )
      .toBe(true);
  }, 120_000);
});
