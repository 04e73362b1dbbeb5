import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import type { StartableEngine } from '../../../src/engine/create-engine.ts';
import { openEngine } from '../../../src/engine/open-engine.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';

const RULE = 'network/link-error.json';
const WAIT = { timeout: 50_000 };

describe('the rules after a start', { timeout: 120_000 }, () => {
  let folder: string;
  let rule: string;
  let logged: string[];
  let engine: StartableEngine | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwatch-first-rules-'));
    rule = join(folder, 'team', RULE);
    await mkdir(join(folder, 'team', 'network'), { recursive: true });
    await cp(join(shippedRulesFolder(), RULE), rule);
    await edit('"name": "', '"name": "Ours: ');
    logged = [];
  });
  afterEach(async () => {
    await engine?.close();
    engine = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  async function edit(from: string, to: string): Promise<void> {
    const text = await readFile(rule, 'utf8');
    expect(text).toContain(from);
    await writeFile(rule, text.replace(from, to));
  }

  async function start(folders = [shippedRulesFolder(), join(folder, 'team')]) {
    engine = await openEngine({
      openStore: () => openSqliteStore({ folder: join(folder, 'data') }),
      rulesFolders: folders,
      accounts: [
        {
          name: 'default',
          site: 'cn',
          callbackKeys: [],
          pushKeys: [],
          backfillMs: 0,
          pollSeconds: 60,
        },
      ],
      version: '1',
      log: (_level, message) => logged.push(message),
    });
    return (await engine.health()).rules;
  }

  async function stop(): Promise<void> {
    await engine?.close();
    engine = undefined;
  }

  async function nameInForce(): Promise<string | undefined> {
    const at = Date.now();
    await engine?.importRecords(null, [
      {
        StreamName: `s-${at}`,
        StreamEndTime: new Date(at - 60_000).toISOString(),
        StopReason: 'Network error for the push client.',
      },
    ]);
    await engine?.idle();
    const found = await engine?.breaks({ range: { from: 0, to: at }, filters: {}, limit: 1 });
    return found?.records[0]?.verdict.rule.name;
  }

  it('are those of the folders, with the moment since when they judge', async () => {
    const first = await start();
    expect(first.error).toBeNull();
    await stop();
    expect(await start()).toEqual(first);
    expect(await nameInForce()).toMatch(/^Ours: /);
  });

  it.each([
    ['a mistake', '"conditions"', '"conditionz"', 'RULE_FILE_INVALID'],
    ['a failing test', '"value": "network"', '"value": "unknown"', 'RULE_TEST_FAILED'],
  ])(
    'are the last good ones after %s, until the file is corrected',
    async (_kind, from, to, code) => {
      const first = await start();
      await stop();
      await edit(from, to);
      const second = await start();
      expect(second).toMatchObject({ ...first, error: { code } });
      expect(logged.join('\n')).toContain(`Rules in force: ${first.set}`);
      expect(await nameInForce()).toMatch(/^Ours: /);
      await edit(to, from);
      await expect.poll(async () => (await engine?.health())?.rules, WAIT).toEqual(first);
    },
  );

  it('are the last good ones when the folder is gone', async () => {
    const first = await start();
    await stop();
    await rename(join(folder, 'team'), join(folder, 'away'));
    expect(await start()).toMatchObject({ ...first, error: { code: 'RULES_FOLDER_MISSING' } });
  });

  it('are the shipped ones when the first files are not valid', async () => {
    await edit('"conditions"', '"conditionz"');
    const first = await start();
    expect(first.error).toMatchObject({ code: 'RULE_FILE_INVALID' });
    expect(logged[0]).toMatch(/link-error\.json:\d+:\d+: /);
    expect(await nameInForce()).not.toMatch(/^Ours: /);
  });

  it('are required: a first start without them is refused, and locks nothing', async () => {
    await expect(start([shippedRulesFolder(), join(folder, 'none')])).rejects.toMatchObject({
      code: 'RULES_FOLDER_MISSING',
    });
    await edit('"conditions"', '"conditionz"');
    await expect(start([join(folder, 'team')])).rejects.toMatchObject({
      code: 'RULE_FILE_INVALID',
    });
    await edit('"conditionz"', '"conditions"');
    expect((await start()).error).toBeNull();
  });

  it('judge open breaks again when they were edited while nothing ran', async () => {
    const first = await start();
    expect(await nameInForce()).toMatch(/^Ours: /);
    await stop();
    await edit('"name": "Ours: ', '"name": "Theirs: ');
    const second = await start();
    expect(second.set).not.toBe(first.set);
    expect(second.error).toBeNull();
    const range = { from: 0, to: Date.now() };
    const { records } = await (engine as StartableEngine).breaks({ range, filters: {}, limit: 1 });
    expect(records[0]?.verdict.rule.name).toMatch(/^Theirs: /);
  });
});
