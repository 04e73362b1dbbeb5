import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuleSet } from '../../src/diagnosis/rule.ts';
import { loadRules } from '../../src/diagnosis/rule-files/index.ts';
import {
  shippedRulesFolder,
  shippedRunbooksFolder,
} from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { openWorkbench, type Workbench } from '../../src/engine/workbench/open-workbench.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../helpers/rules-folder.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

let own: RulesFolder;
let rules: RuleSet;
let workbench: Workbench;
let server: TestServer;

async function load(): Promise<void> {
  rules = (await loadRules([shippedRulesFolder(), own.path])).ruleSet;
}

beforeAll(async () => {
  own = createRulesFolder();
  own.put('network/our-line.json', makeRule('network/our-line'));
  const shipped = (await loadRules([shippedRulesFolder()])).ruleSet.rules;
  const against = shipped.find(({ id }) => id === 'auth/url-expired')?.hash;
  own.put('patches/auth/url-expired.json', {
    rule: 'auth/url-expired',
    against,
    patch: { event: { params: { severity: 'warning' } } },
  });
  await load();
  workbench = openWorkbench({
    rules: () => rules,
    folders: [shippedRulesFolder(), own.path],
    snapshots: { list: async () => [], bytes: async () => null, breaks: async () => [] },
  });
  const runbooks = { shipped: shippedRunbooksFolder(), own: [] };
  server = await startTestServer({ workbench, runbooks, token: 'secret' });
});
afterAll(async () => {
  await server.stop();
  await workbench.close();
  own.remove();
});

async function get(path: string) {
  const answer = await fetch(`${server.url}/api/v1/${path}`, {
    headers: { authorization: 'Bearer secret' },
  });
  return { status: answer.status, body: await answer.json() };
}

describe('GET /api/v1/rules', () => {
  it('lists the rules in force, and tells own, patched and shipped ones apart', async () => {
    const { body } = await get('rules?lang=zh');
    expect(body.set).toBe(rules.hash);
    expect(body.rules).toHaveLength(rules.rules.length);
    const byId = new Map(body.rules.map((rule: { id: string }) => [rule.id, rule]));
    expect(byId.get('network/our-line')).toMatchObject({
      isOwn: true,
      replacesShipped: false,
      patch: null,
      cause: '原因。',
    });
    expect(byId.get('auth/url-expired')).toMatchObject({
      isOwn: false,
      severity: 'warning',
      patch: 'patches/auth/url-expired.json',
      cause: '推流开始时推流地址已过期，被 CSS 拒绝。',
    });
    expect(byId.get('auth/url-expiry-missing') ?? byId.get('billing/arrears')).toMatchObject({
      isOwn: false,
      patch: null,
    });
  });

  it('follows the rules in force', async () => {
    const conditions = { all: [{ fact: 'reason', operator: 'equal', value: 'arrears' }] };
    own.put('billing/arrears.json', makeRule('billing/arrears', { name: 'Ours now', conditions }));
    await load();
    const { body } = await get('rules');
    expect(body.rules.find(({ id }: { id: string }) => id === 'billing/arrears')).toMatchObject({
      name: 'Ours now',
      isOwn: true,
      replacesShipped: true,
    });
  });

  it('needs a token', async () => {
    for (const path of ['rules', 'rules/coverage', 'rules/a%2Fb', 'runbooks/auth-url-expired']) {
      expect((await fetch(`${server.url}/api/v1/${path}`)).status).toBe(401);
    }
  });
});

describe('GET /api/v1/rules/:id', () => {
  it('shows conditions in words, tests with their results, and rivals', async () => {
    const { body } = await get('rules/network%2Four-line?lang=zh');
    expect(body.conditions).toEqual([
      { depth: 0, kind: 'all', words: '', fact: null },
      { depth: 1, kind: 'is', words: expect.stringMatching(/^原因：.*网络/), fact: 'reason' },
    ]);
    expect(body.tests).toEqual([
      expect.objectContaining({ name: 'match', winner: 'network/our-line', holds: true }),
      expect.objectContaining({ name: 'near miss', expected: 'no-match', holds: true }),
    ]);
    expect(body.competes.total).toBeGreaterThan(0);
    expect(body.competes.rules.every(({ id }: { id: string }) => id !== 'network/our-line')).toBe(
      true,
    );
    expect(JSON.parse(body.source)).toMatchObject({ id: 'network/our-line', priority: 90 });
  });

  it('shows a test that fails, because an own rule wins', async () => {
    const { body } = await get('rules/network%2Flink-error');
    expect(body.tests.filter(({ holds }: { holds: boolean }) => !holds)).toEqual(
      expect.arrayContaining([expect.objectContaining({ winner: 'network/our-line' })]),
    );
  });

  it('answers UNKNOWN_RULE with a short id', async () => {
    const { status, body } = await get(`rules/${'x'.repeat(90)}%2Fy`);
    expect([status, body.error.code]).toEqual([404, 'UNKNOWN_RULE']);
  });
});

describe('GET /api/v1/rules/coverage', () => {
  it('counts what has a rule, and names what has none', async () => {
    const { body } = await get('rules/coverage');
    expect(body.reasons.total).toBeGreaterThan(30);
    expect(body.tests.failed).toBeGreaterThan(0);
    const { rules: before } = rules;
    rules = {
      ...rules,
      hash: 'without',
      rules: before.filter(({ id }) => !id.startsWith('billing/')),
    };
    const without = await get('rules/coverage');
    expect(without.body.set).toBe('without');
    expect(without.body.reasons.missing).toContain('service_stopped');
  });
});

describe('GET /api/v1/runbooks/:name', () => {
  it('renders a runbook in the wanted language', async () => {
    const { body } = await get('runbooks/auth-url-expired?lang=en');
    expect(body).toMatchObject({ name: 'auth-url-expired', lang: 'en', isOwn: false });
    expect(body.html).toContain('<h1>');
    expect((await get('runbooks/no-such-runbook')).status).toBe(404);
  });
});
