import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRulesFolder, makeRule, type RulesFolder } from '../../helpers/rules-folder.ts';
import { runCommand } from '../../helpers/run-command.ts';
import { CALLBACK_KEY } from '../../helpers/signed-callback.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / 1_000) * 1_000;

let folder: string;
let team: RulesFolder;
let server: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-apply-'));
  team = createRulesFolder();
});
afterEach(async () => {
  if (server && server.exitCode === null) {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
  server = undefined;
  team.remove();
  rmSync(folder, { recursive: true, force: true });
});

const settings = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  BREAKWATCH_DATA: join(folder, 'data'),
  BREAKWATCH_CALLBACK_KEY: CALLBACK_KEY,
  BREAKWATCH_PORT: '0',
  ...more,
});

function record(index: number): string {
  const iso = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');
  const endedAt = NOW - 20 * HOUR - index * 1_000;
  return JSON.stringify({
    AppName: 'live',
    DomainName: 'push.example.com',
    StreamName: `shop-${index}`,
    StreamStartTime: iso(endedAt - HOUR),
    StreamEndTime: iso(endedAt),
    StopReason: '推流链路网络异常',
  });
}

it('judges history by the team’s rules, in the folder or through the server that owns it', async () => {
  const lines = Array.from({ length: 1_100 }, (_none, index) => record(index)).join('\n');
  expect((await runCommand(['import', '-', '--json'], settings(), lines)).code).toBe(0);
  team.put('network/ours.json', makeRule('network/ours', { priority: 99 }));
  const ours = settings({ BREAKWATCH_RULES: team.path });
  const apply = (...args: string[]) => runCommand(['rules', 'apply', ...args], ours);

  const unasked = await apply('--since', '30d');
  expect(unasked.code).toBe(2);
  expect(unasked.errors).toContain('--yes');
  const done = await apply('--since', '30d', '--yes', '--json');
  expect(JSON.parse(done.output)).toMatchObject({ read: 1_100, changed: 1_100 });
  expect(done.code).toBe(0);

  server = spawn(process.execPath, [MAIN, 'serve'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...settings({ BREAKWATCH_TOKEN: 'token' }) },
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    server?.stdout?.on('data', (chunk) => {
      said += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) {
        resolve(found[0]);
      }
    });
    server?.once('exit', (code) => reject(new Error(`serve ended with ${code}`)));
  });
  // This server has the shipped rules alone, so it takes all of them back.
  const remote = settings({ BREAKWATCH_TOKEN: 'token' });
  const back = await runCommand(
    ['rules', 'apply', '--from', new Date(NOW - 30 * HOUR).toISOString(), '--yes', '--url', url],
    remote,
  );
  expect(back.output).toContain('1100 breaks judged by the rules in force');
  expect(back.output).toContain('1100 changed');
  const headers = { authorization: 'Bearer token' };
  const { breaks } = (await (await fetch(`${url}/api/v1/breaks?limit=1`, { headers })).json()) as {
    breaks: { id: string; diagnosis: { rule: string } }[];
  };
  expect(breaks[0]?.diagnosis.rule).not.toBe('network/ours');
  const answer = await fetch(`${url}/api/v1/breaks/${breaks[0]?.id}/diagnoses`, { headers });
  const { earlier } = (await answer.json()) as {
    earlier: { replacedAt: number; verdict: { rule: { id: string } } }[];
  };
  expect(earlier.map(({ verdict }) => verdict.rule.id)).toEqual([
    'network/ours',
    breaks[0]?.diagnosis.rule,
  ]);
  const careless = await fetch(`${url}/api/v1/rules/apply`, { method: 'POST', headers });
  expect(await careless.json()).toMatchObject({ error: { code: 'BAD_QUERY' } });
});

it('says what is wrong with the call', async () => {
  const apply = (...args: string[]) => runCommand(['rules', 'apply', ...args], settings());
  expect((await apply('--yes')).errors).toContain('--since or --from');
  expect((await apply('--since', '1d', '--from', '2026-01-01', '--yes')).code).toBe(2);
  const turned = await apply('--from', '2026-01-02', '--to', '2026-01-01', '--yes');
  expect(turned.errors).toContain('BAD_TIME_RANGE');
  expect((await apply('--since', 'long', '--yes')).code).toBe(2);
});
