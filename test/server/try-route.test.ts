import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckedEdit, TriedEdit, TryLine } from '../../src/contract/rules.ts';
import type { RuleSet } from '../../src/diagnosis/rule.ts';
import { loadRules } from '../../src/diagnosis/rule-files/index.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { openWorkbench, type Workbench } from '../../src/engine/workbench/open-workbench.ts';
import { type BlockHistory, openBlockHistory } from '../../src/store/columns/open-block-history.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { breakRecord } from '../helpers/break-record.ts';
import {
  createRulesFolder,
  makeRule,
  type RulesFolder,
  shippedRule,
} from '../helpers/rules-folder.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

let own: RulesFolder;
let rules: RuleSet;
let folder: string;
let store: Store;
let snapshots: BlockHistory;
let workbench: Workbench;
let server: TestServer;
/** Lets the test hold a back-test open. */
let hold: Promise<void> = Promise.resolve();
let blocksRead = 0;
let blocks = 1;

beforeAll(async () => {
  own = createRulesFolder();
  own.put('network/our-line.json', makeRule('network/our-line', { priority: 1 }));
  own.put('conditions/night.json', {
    night: { any: [{ fact: 'reason', operator: 'equal', value: 'network' }] },
  });
  own.put('runbooks/our-line.md', '# Our line\n');
  rules = (await loadRules([shippedRulesFolder(), own.path])).ruleSet;
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-trial-'));
  store = await openSqliteStore({ folder });
  await store.commit({
    breaks: ['a', 'b', 'c'].map((id) => breakRecord(id)),
    removed: [],
    pushes: [],
    cursor: 0,
  });
  snapshots = openBlockHistory(folder);
  workbench = openWorkbench({
    rules: () => rules,
    folders: [shippedRulesFolder(), own.path],
    snapshots: {
      ...snapshots,
      // More blocks than one, so that a trial can stop between them.
      list: async () => Array.from({ length: blocks }, () => 0),
      async bytes(block) {
        blocksRead += 1;
        await hold;
        return snapshots.bytes(block);
      },
    },
  });
  server = await startTestServer({ workbench, token: 'secret' });
});
afterAll(async () => {
  await server.stop();
  await workbench.close();
  await snapshots.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  own.remove();
});

function post(text: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${server.url}/api/v1/rules/try`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret' },
    body: JSON.stringify({ text }),
    ...(signal ? { signal } : {}),
  });
}

async function tried(text: string): Promise<{ checked?: CheckedEdit; result?: TriedEdit }> {
  const answer = await post(text);
  expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
  const lines = (await answer.text()).trim().split('\n');
  return Object.assign({}, ...lines.map((line) => JSON.parse(line) as TryLine));
}

const edited = (id: string, change: (rule: ReturnType<typeof makeRule>) => void): string => {
  const rule = JSON.parse(shippedRule(id));
  change(rule);
  return JSON.stringify(rule, null, 2);
};

describe('POST /api/v1/rules/try', () => {
  it('says what an edit changes, which breaks move, and writes it as a patch', async () => {
    const { checked, result } = await tried(
      edited('auth/url-expired', (rule) => {
        (rule.event.params as { severity: string }).severity = 'info';
      }),
    );
    expect(checked).toMatchObject({
      kind: 'rule',
      id: 'auth/url-expired',
      isKnown: true,
      changes: [{ what: 'severity', before: 'critical', after: 'info' }],
      broken: [],
    });
    expect(checked?.tests.every(({ holds }) => holds)).toBe(true);
    const base = rules.rules.find(({ id }) => id === 'auth/url-expired');
    expect(JSON.parse(checked?.patch as string)).toEqual({
      $schema: '../../schema/patch.schema.json',
      rule: 'auth/url-expired',
      against: base?.hash,
      patch: { event: { params: { severity: 'info' } } },
    });
    expect(result).toMatchObject({ complete: true, events: 3, moved: 0, reworded: 3 });
  });

  it('offers no patch for an edit that a patch cannot say', async () => {
    const { checked } = await tried(
      edited('auth/url-expired', (rule) => {
        rule.priority += 1;
        (rule.event.params as { severity: string }).severity = 'info';
      }),
    );
    expect(checked?.changes).toHaveLength(2);
    expect(checked?.patch).toBeNull();
    expect(JSON.parse(checked?.rule as string).event.params.severity).toBe('info');
  });

  it('lists breaks that move by pair of rules, and tests of other rules that break', async () => {
    const { checked, result } = await tried(
      JSON.stringify(
        makeRule('auth/ours', {
          priority: 95,
          conditions: { all: [{ fact: 'reason', operator: 'equal', value: 'expiry_passed' }] },
          tests: [{ name: 'wrong', given: { errcode: 14 }, expect: 'match' }],
        }),
      ),
    );
    expect(checked).toMatchObject({ isKnown: false, patch: null });
    expect(checked?.tests).toMatchObject([{ name: 'wrong', holds: false }]);
    expect(checked?.broken).toContainEqual(
      expect.objectContaining({ rule: 'auth/url-expired', winner: 'auth/ours' }),
    );
    expect(result).toMatchObject({
      moved: 3,
      pairs: 1,
      movements: [{ from: 'auth/url-expired', to: 'auth/ours', count: 3 }],
    });
    expect(result?.movements[0]?.samples[0]).toMatchObject({
      stream: 'push.shop.example/live/shop-17',
    });
  });

  it('says where a mistake is, and back-tests nothing', async () => {
    const text = edited('auth/url-expired', (rule) => {
      rule.conditions = {
        all: [{ fact: 'reson', operator: 'equal', value: 'expiry_passed' }],
      } as never;
    });
    const before = blocksRead;
    const { checked, result } = await tried(text);
    expect(result).toBeUndefined();
    expect(blocksRead).toBe(before);
    const [finding] = checked?.findings ?? [];
    const line = text.split('\n').findIndex((one) => one.includes('"reson"')) + 1;
    expect(finding).toMatchObject({ level: 'error', line });
    expect(JSON.stringify(finding)).toContain('reason');
    const syntax = (await tried('{ "id": ')).checked?.findings;
    expect(syntax).toMatchObject([{ level: 'error', check: 'syntax', line: 1 }]);
  });

  it('knows the shared conditions and runbooks of the team, and its own patches', async () => {
    const { checked } = await tried(
      JSON.stringify(
        makeRule('network/our-line', {
          conditions: { all: [{ condition: 'night' }] } as never,
          params: { runbook: 'our-line' },
        }),
      ),
    );
    expect(checked?.findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(checked?.findings.map(({ check }) => check)).not.toContain('runbook');
    expect(checked?.changes).not.toBeNull();
    const patch = { event: { params: { severity: 'info' } } };
    const base = rules.rules.find(({ id }) => id === 'auth/url-expired')?.hash;
    const patched = await tried(JSON.stringify({ rule: 'auth/url-expired', against: base, patch }));
    expect(patched.checked).toMatchObject({ kind: 'patch', findings: [] });
    expect(patched.result).toMatchObject({ reworded: 3 });
    const ofOwn = await tried(JSON.stringify({ rule: 'network/our-line', against: '0', patch }));
    expect(ofOwn.checked?.changes).toBeNull();
  });

  it('bounds the text and the number of trials, stops with its caller, and leaves no files', async () => {
    expect((await post('x'.repeat(70_000))).status).toBe(400);
    const held = Promise.withResolvers<void>();
    hold = held.promise;
    const text = edited('auth/url-expired', (rule) => {
      (rule.event.params as { severity: string }).severity = 'info';
    });
    const leave = new AbortController();
    blocks = 20;
    const before = blocksRead;
    const first = await post(text, leave.signal);
    await expect.poll(() => blocksRead).toBe(before + 1);
    const second = post(text, leave.signal);
    second.catch(() => undefined);
    await expect.poll(async () => (await post(text)).status).toBe(503);
    leave.abort();
    await expect(first.text()).rejects.toThrow();
    blocks = 1;
    held.resolve();
    hold = Promise.resolve();
    await expect.poll(async () => (await post(text)).status, { timeout: 10_000 }).toBe(200);
    // Of the twenty blocks, the trial whose caller left read the one that it waited for.
    expect(blocksRead - before).toBeLessThan(10);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('breakwatch-try-'))).toEqual([]);
  });
});
