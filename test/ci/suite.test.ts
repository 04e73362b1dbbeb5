import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const BUDGET_MINUTES = 75;

function runSuite(...args: string[]) {
  return spawnSync(join(repository, '.ci', 'suite'), args, { encoding: 'utf8' });
}

function readText(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

/** The budgets in minutes by suite. */
function budgetsOfCi(): [string, number][] {
  return [...readText('.ci/run').matchAll(/^suite (\S+) (\d+) /gm)].map(
    ([, name = '', minutes]) => [name, Number(minutes)],
  );
}

describe('.ci/suite', () => {
  it('fails with a clear line when a suite uses up its budget', () => {
    const { status, stderr } = runSuite('slow', '0.005', 'sleep', '600');
    expect(status).toBe(124);
    expect(stderr).toContain(
      'slow FAILED: it ran longer than its budget of 0.005 minutes and was stopped.',
    );
  });

  it('passes the exit code of a suite that fails', () => {
    const { status, stderr } = runSuite('broken', '1', 'sh', '-c', 'exit 3');
    expect(status).toBe(3);
    expect(stderr).toContain('broken FAILED with exit code 3');
  });

  it('passes a suite that passes', () => {
    const { status, stdout } = runSuite('good', '1', 'true');
    expect(status).toBe(0);
    expect(stdout).toContain('good passed');
  });
});

describe('time budgets', () => {
  it(`add up to at most ${BUDGET_MINUTES} minutes`, () => {
    const budgets = budgetsOfCi();
    expect(budgets.length).toBeGreaterThan(10);
    const sum = budgets.reduce((total, [, minutes]) => total + minutes, 0);
    expect(sum).toBeLessThanOrEqual(BUDGET_MINUTES);
  });

  it('are the ones that CONTRIBUTING.md lists', () => {
    const listed = [
      ...readText('CONTRIBUTING.md').matchAll(/^\| `([a-z0-9-]+)` \| (\d+) min \|/gm),
    ];
    expect(listed.map(([, name, minutes]) => [name, Number(minutes)])).toEqual(budgetsOfCi());
  });

  /** Measures the tests themselves, and takes hours. */
  const MEASUREMENT = 'test:mutation';

  it('cover every suite of package.json', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const run = readText('.ci/run');
    const missing = Object.keys(scripts).filter(
      (name) =>
        name.startsWith('test:') && name !== MEASUREMENT && !run.includes(`npm run -s ${name}`),
    );
    expect(missing).toEqual([]);
  });
});
