import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRulesFolder, makeRule, type RulesFolder } from '../../../helpers/rules-folder.ts';
import { runBreakwatch, runHosted } from '../../../helpers/run-breakwatch.ts';

let rules: RulesFolder;
beforeEach(() => {
  rules = createRulesFolder();
});
afterEach(() => rules.remove());

function shadow(...args: string[]) {
  return runHosted(['rules', 'shadow', ...args], { cwd: rules.path });
}

describe('breakwatch rules shadow', () => {
  it('finds nothing in the shipped rules', async () => {
    const words = ['rules', 'shadow', '--strict'];
    const { code, output } = await runBreakwatch(words, { cwd: rules.path });
    expect(code).toBe(0);
    expect(output).toMatch(/^\d+ rules: 0 errors, 0 warnings\n$/);
  });

  it("fails on a team's rule that can never win, with the position of its conditions", async () => {
    rules.put('network/weak.json', makeRule('network/weak', { priority: 10 }));
    const text = await shadow('.');
    expect(text.code).toBe(1);
    expect(text.output).toContain(
      'network/weak.json:5:17: error: network/weak can never win: network/link-error wins whenever it matches, as for {"reason":"network"} (shadowed)\n',
    );
    const { shadows } = JSON.parse((await shadow('.', '--json')).output);
    expect(shadows).toEqual([
      {
        kind: 'shadowed',
        rule: 'network/weak',
        by: ['network/link-error'],
        reasons: ['network'],
        whole: true,
        example: { reason: 'network' },
      },
    ]);
  });

  it('accepts a rule for a reason of the catalogue, which always wins over its entry', async () => {
    const reason = { id: 'team_relay', category: 'network', side: 'us', title: { en: 'Relay' } };
    const entry = { ...reason, texts: { en: ['relay session reset'] } };
    rules.put('catalogues/ours.json', JSON.stringify({ reasons: [entry] }));
    const all = [{ fact: 'reason', operator: 'equal', value: 'team_relay' }];
    rules.put(
      'network/relay.json',
      makeRule('network/relay', { priority: 60, conditions: { all } }),
    );
    expect(await shadow('.', '--strict')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^\d+ rules: 0 errors, 0 warnings\n$/),
    });
  });

  it('warns about a shipped rule that a rule of the team overrides', async () => {
    rules.put('network/strong.json', makeRule('network/strong', { priority: 99 }));
    const { code, output } = await shadow('.');
    expect(code).toBe(0);
    expect(output).toContain('warning: network/link-error can never win: network/strong wins');
    expect((await shadow('.', '--strict')).code).toBe(1);
  });
});
