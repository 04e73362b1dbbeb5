import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRulesFolder, makeRule, type RulesFolder } from '../../../helpers/rules-folder.ts';
import { runBreakwatch, runHosted } from '../../../helpers/run-breakwatch.ts';
import { prepareServe, type ServeProcess } from '../../../helpers/serve-process.ts';
import { CALLBACK_KEY } from '../../../helpers/signed-callback.ts';

const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / 1_000) * 1_000;

let team: RulesFolder;
let served: ServeProcess | undefined;
beforeEach(() => {
  team = createRulesFolder();
});
afterEach(async () => {
  await served?.remove();
  served = undefined;
  team.remove();
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

it('diagnoses the history with the rules of the team, in the folder or through the server that owns it', async () => {
  served = await prepareServe('', { BREAKWATCH_TOKEN: 'token' });
  const { folder } = served;
  const own = { BREAKWATCH_CALLBACK_KEY: CALLBACK_KEY };
  const lines = Array.from({ length: 1_100 }, (_none, index) => record(index)).join('\n');
  const imported = await runHosted(['import', '-', '--json'], {
    cwd: folder,
    environment: own,
    input: lines,
  });
  expect(imported.code).toBe(0);
  team.put('network/ours.json', makeRule('network/ours', { priority: 99 }));
  const ours = { cwd: folder, environment: { ...own, BREAKWATCH_RULES: team.path } };

  const unasked = await runHosted(['rules', 'apply', '--since', '30d'], ours);
  expect(unasked.code).toBe(2);
  expect(unasked.errors).toContain('--yes');
  const words = ['rules', 'apply', '--since', '30d', '--yes', '--json'];
  const done = await runBreakwatch(words, ours);
  expect(JSON.parse(done.output)).toMatchObject({ read: 1_100, changed: 1_100 });
  expect(done.code).toBe(0);

  await served.start();
  const { url } = served;
  // This server has the shipped rules alone, so it takes all of them back.
  const from = new Date(NOW - 30 * HOUR).toISOString();
  const back = await served.run('rules', 'apply', '--from', from, '--yes');
  expect(back.output).toContain('1100 breaks diagnosed with the active rules');
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

it('reports wrong usage', async () => {
  const apply = (...args: string[]) => runHosted(['rules', 'apply', ...args], { cwd: team.path });
  expect((await apply('--yes')).errors).toContain('--since or --from');
  expect((await apply('--since', '1d', '--from', '2026-01-01', '--yes')).code).toBe(2);
  const turned = await apply('--from', '2026-01-02', '--to', '2026-01-01', '--yes');
  expect(turned.errors).toContain('BAD_TIME_RANGE');
  expect((await apply('--since', 'long', '--yes')).code).toBe(2);
});
