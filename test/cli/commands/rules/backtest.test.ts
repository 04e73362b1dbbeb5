import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBlockHistory } from '../../../../src/store/columns/open-block-history.ts';
import { openSqliteStore } from '../../../../src/store/sqlite/open-sqlite-store.ts';
import { breakRecord, NOON, SECOND } from '../../../helpers/break-record.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../../../helpers/rules-folder.ts';
import { runBreakwatch, runHosted } from '../../../helpers/run-breakwatch.ts';
import { startTestServer } from '../../../helpers/running-server.ts';

const BREAKS = 4_500;

/** Breaks of two streams; those of `shop-2` broke by the network. */
function records() {
  return Array.from({ length: BREAKS }, (_none, index) => {
    const endedAt = NOON + index * SECOND;
    return index % 3 === 0
      ? breakRecord(`e${index}`, {
          rule: 'network/link-error',
          verdict: { reason: 'network', category: 'network' },
          event: {
            endedAt,
            stream: 'shop-2',
            reason: 'network',
            facts: { reason: 'network', stream: 'shop-2' },
          },
        })
      : breakRecord(`e${index}`, { event: { endedAt } });
  });
}

let rules: RulesFolder;
beforeEach(() => {
  rules = createRulesFolder();
});
afterEach(() => rules.remove());

async function keep() {
  const store = await openSqliteStore({ folder: join(rules.path, 'data') });
  await store.commit({ breaks: records(), pushes: [], removed: [], cursor: 0 });
  return store;
}

function backtest(args: string[], environment: NodeJS.ProcessEnv = {}, start = runHosted) {
  return start(['rules', 'backtest', ...args], { cwd: rules.path, environment });
}

const ours = (priority: number) =>
  makeRule('network/ours', {
    priority,
    conditions: {
      all: [
        { fact: 'reason', operator: 'equal', value: 'network' },
        { fact: 'stream', operator: 'equal', value: 'shop-2' },
      ],
    } as never,
  });

describe('breakwatch rules backtest --events', () => {
  it('reports a file that cannot be read, and leaves nothing behind', async () => {
    const temporary = { TMPDIR: rules.path };
    const missing = await backtest(['--events', 'none.jsonl'], temporary, runBreakwatch);
    expect(missing.code).toBe(2);
    expect(missing.errors).toContain('FILE_UNREADABLE');
    expect(readdirSync(rules.path)).toEqual([]);
    expect((await backtest(['--events', 'x', '--data', 'y'])).code).toBe(2);
  });
});

describe('breakwatch rules backtest', () => {
  it('reads a compressed file of events', async () => {
    const event = (stream: string) => ({
      ...{ DomainName: 'push.example.com', AppName: 'live', StreamName: stream },
      ...{ StreamStartTime: '2026-03-14T11:00:00Z', StreamEndTime: '2026-03-14T12:00:00Z' },
      StopReason: '推流链路网络异常',
    });
    const lines = ['a', 'b'].map((stream) => `${JSON.stringify(event(stream))}\n`).join('');
    writeFileSync(join(rules.path, 'old.jsonl.gz'), gzipSync(lines));
    const { code, errors, output } = await backtest(['--events', 'old.jsonl.gz', '--json']);
    expect(`${code} ${errors}`).toBe('0 ');
    expect(JSON.parse(output)).toMatchObject({ events: 2 });
  });

  it('compares stored verdicts and active rules with new rules, over all blocks of the store', async () => {
    await (await keep()).close();
    const stored = JSON.parse(
      (await backtest(['--data', 'data', '--json'], {}, runBreakwatch)).output,
    );
    expect(stored).toMatchObject({ events: BREAKS, moved: 0, from: NOON, exceeded: [] });
    // The stored hashes are not those of the active rules.
    expect(stored.reworded).toBe(BREAKS);

    rules.put('new/network/ours.json', ours(90));
    const moved = BREAKS / 3;
    const text = await backtest(['--data', 'data', '--rules', 'new', '--max-moved-percent', '40']);
    expect(text).toMatchObject({ code: 0, errors: '' });
    expect(text.output).toContain(`${BREAKS} breaks, 2026-03-14 12:00:00 to `);
    expect(text.output).toContain(
      `${moved} get another rule (33.33 %), 0 get a changed version of the same rule\n`,
    );
    expect(text.output).toContain(`\n${moved}  network/link-error → network/ours\n`);

    const strict = await backtest([
      ...['--data', 'data', '--rules', 'new', '--max-moved-percent', '33'],
      ...['--format', 'markdown', '--from', '2026-03-14T12:00:00Z', '--to', '2026-03-14T12:00:03Z'],
    ]);
    expect(strict.code).toBe(1);
    expect(strict.output).toContain('### Back-test\n\n- 3 breaks, ');
    expect(strict.output).toContain(
      '- Limit exceeded: 33.33 % of the breaks get another rule; the limit is 33 %\n',
    );
    expect(strict.output).toContain(
      '| `network/link-error` | `network/ours` | 1 | 2026-03-14 12:00:00 ',
    );
    expect(strict.output).toContain('| `network/ours` | 0 | 1 |\n');
  }, 120_000);

  it('reads the old rules from a commit', async () => {
    await (await keep()).close();
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
        cwd: rules.path,
      });
    rules.put('team/network/ours.json', ours(10));
    rules.put('elsewhere/network/ours.json', ours(99));
    git('init', '-q');
    git('add', 'team', 'elsewhere');
    git('commit', '-q', '-m', 'first');
    rules.put('team/network/ours.json', ours(90));
    const args = ['--data', 'data', '--rules', 'team', '--json', '--git'];
    const first = await backtest([...args, 'HEAD']);
    expect(JSON.parse(first.output).movements).toMatchObject([
      { from: 'network/link-error', to: 'network/ours', count: BREAKS / 3 },
    ]);
    git('commit', '-q', '-a', '-m', 'second');
    expect(JSON.parse((await backtest([...args, 'HEAD'])).output).movements).toEqual([]);
    for (const revision of ['nothing', '--output=x', '$(touch x)']) {
      const bad = await backtest([...args.slice(0, -1), `--git=${revision}`]);
      expect(bad.code).toBe(2);
      expect(bad.errors).toContain('GIT_FAILED');
    }
  }, 120_000);

  it('gives the same result with the blocks of a server', async () => {
    const store = await keep();
    const snapshots = openBlockHistory(join(rules.path, 'data'));
    const server = await startTestServer({ snapshots, token: 'secret' });
    rules.put('new/network/ours.json', ours(90));
    const args = ['--rules', 'new', '--json', '--from', '2026-03-14T12:00:10Z'];
    const token = { BREAKWATCH_TOKEN: 'secret' };
    const asked = await backtest([...args, '--url', server.url], token);
    expect(asked).toMatchObject({ code: 0, errors: '' });
    await server.stop();
    snapshots.close();
    await store.close();
    const own = await backtest([...args, '--data', 'data']);
    expect(JSON.parse(asked.output)).toEqual(JSON.parse(own.output));
    const { events, movements } = JSON.parse(own.output);
    expect(events).toBe(BREAKS - 10);
    expect(movements).toMatchObject([{ to: 'network/ours', count: 1_496 }]);
    expect(movements[0].samples[0]).toMatchObject({ id: 'e4497', endedAt: NOON + 4_497 * SECOND });
  }, 120_000);

  it('says why it cannot run', async () => {
    const missing = await backtest(['--data', 'nowhere'], { BREAKWATCH_PORT: '1' });
    expect(missing.code).toBe(2);
    expect(missing.errors).toContain('DATA_FOLDER_EMPTY');
    expect(existsSync(join(rules.path, 'nowhere'))).toBe(false);
    const store = await keep();
    const owned = await backtest(['--data', 'data'], { BREAKWATCH_PORT: '1' });
    expect(owned.code).toBe(2);
    expect(owned.errors).toContain('DATA_FOLDER_OWNED');
    await store.close();
    rules.put('new/network/broken.json', '{');
    const broken = await backtest(['--data', 'data', '--rules', 'new']);
    expect(broken.code).toBe(1);
    expect(broken.output).toContain('new/network/broken.json:1:2: error: ');
    expect((await backtest(['--max-unknown', 'few'])).code).toBe(2);
  }, 120_000);
});
