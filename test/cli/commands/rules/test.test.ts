import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRulesFolder, makeRule, type RulesFolder } from '../../../helpers/rules-folder.ts';
import { runBreakwatch, runHosted } from '../../../helpers/run-breakwatch.ts';

let rules: RulesFolder;
beforeEach(() => {
  rules = createRulesFolder();
});
afterEach(() => rules.remove());

describe('breakwatch rules test', () => {
  it('passes for the shipped rules, with full coverage', async () => {
    const { code, output } = await runBreakwatch(['rules', 'test', '--coverage'], {
      cwd: rules.path,
    });
    expect(code).toBe(0);
    expect(output).toMatch(
      /^\d+ tests of \d+ rules: 0 failed, 0 with a different result on json-rules-engine\n/,
    );
    expect(output.match(/ 100 %$/gm)).toHaveLength(4);
  });

  it('fails on a rule that wins in no test, also as JSON', async () => {
    rules.put(
      'network/x.json',
      makeRule('network/x', {
        priority: 10,
        tests: [{ name: 'never', given: { errcode: 5 }, expect: 'no-match' }],
      }),
    );
    const run = (...args: string[]) =>
      runHosted(['rules', 'test', ...args], {
        cwd: rules.path,
        environment: { BREAKWATCH_RULES: rules.path },
      });
    const plain = await run('.');
    expect(plain.code).toBe(0);
    const covered = await run('.', '--coverage', '--json');
    expect(covered.code).toBe(1);
    expect(JSON.parse(covered.output)).toMatchObject({ failed: 0, differences: 0 });
    expect(JSON.parse(covered.output).coverage.rules).toEqual({ total: 1, missing: ['network/x'] });
    // In force through the environment too, a team may win where a shipped rule tests that it would.
    rules.put('network/x.json', makeRule('network/x', {}));
    const inForce = await run();
    expect(inForce.code).toBe(0);
    expect(inForce.output).toMatch(/: warning: test "[^"]+" expects match, but network\/x wins/);
    const wrong = [{ name: 'wrong', given: { errcode: 5 }, expect: 'match' } as const];
    rules.put('network/x.json', makeRule('network/x', { tests: [...wrong] }));
    const failed = await run('--format', 'github');
    expect(failed.code).toBe(1);
    expect(failed.output).toMatch(
      /^::error file=network\/x\.json,line=\d+,col=\d+,title=breakwatch test::test "wrong"/m,
    );
  });
});
