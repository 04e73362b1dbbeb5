import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { apiEntry } from '../../../src/css/api/api-entry.ts';
import type { LoadedRule, RuleSet } from '../../../src/diagnosis/rule.ts';
import { loadPack, loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser } from '../../../src/diagnosis/run/create-diagnoser.ts';
import { judgeRuleTests } from '../../../src/diagnosis/run/rule-tests.ts';
import { openEngine } from '../../../src/engine/open-engine.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { lookUp } from '../../../src/reasons/lookup-code.ts';
import {
  matchReason,
  type ReasonInput,
  setTeamCatalogue,
} from '../../../src/reasons/match-reason.ts';
import { runHosted } from '../../helpers/run-breakwatch.ts';
import { openTemporaryStore } from '../../helpers/temporary-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-catalogue-'));
  await mkdir(join(folder, 'catalogues'));
});
afterEach(async () => {
  setTeamCatalogue();
  await rm(folder, { recursive: true });
});

const UPLINK = { reason: 'network', language: 'en', text: 'The uplink went away.' };

async function load(files: Record<string, unknown>) {
  for (const [name, content] of Object.entries(files)) {
    const text =
      typeof content === 'string' ? content : JSON.stringify({ texts: content }, null, 2);
    await writeFile(join(folder, 'catalogues', name), text);
  }
  const loaded = await loadRules([shippedRulesFolder(), folder]);
  return {
    ...loaded,
    said: loaded.problems.map(
      ({ file, line, message }) => `${file.slice(folder.length + 12)}:${line} ${message}`,
    ),
  };
}

describe("a team's reason texts", () => {
  it('are matched as the shipped ones are, and change the hash of the rule set', async () => {
    const without = await loadRules([shippedRulesFolder(), folder]);
    const { ruleSet, said } = await load({ 'ours.json': [UPLINK] });
    expect(said).toEqual([]);
    expect(ruleSet.catalogue?.texts).toEqual([UPLINK]);
    expect(ruleSet.hash).not.toBe(without.ruleSet.hash);
    expect((await loadPack([shippedRulesFolder(), folder])).ruleSet.hash).toBe(ruleSet.hash);
    expect(matchReason({ text: 'the uplink went away' }).reason).toBe('unrecognized');
    setTeamCatalogue(ruleSet.catalogue);
    expect(matchReason({ text: 'the uplink  went away' })).toMatchObject({
      reason: 'network',
      by: 'text',
    });
    setTeamCatalogue();
    expect(matchReason({ text: 'the uplink went away' }).reason).toBe('unrecognized');
  });

  it('do not change the key of an API record, so that it is not counted twice', async () => {
    const info = {
      StreamName: 's',
      StreamEndTime: '2026-03-01T12:00:00Z',
      StopReason: UPLINK.text,
    };
    const { key } = apiEntry('default', info as never, 0);
    setTeamCatalogue({ reasons: [], texts: [UPLINK] });
    expect(apiEntry('default', info as never, 0).key).toBe(key);
  });

  it('that contradict the shipped catalogue or each other are named, the others used', async () => {
    const { ruleSet, said } = await load({
      'a.json': [
        UPLINK,
        { reason: 'arrears', language: 'zh', text: '推流链路网络异常' },
        { reason: 'network', language: 'zh', text: '推流链路网络异常' },
        { reason: 'netwrok', language: 'en', text: 'Gone.' },
        { reason: 'network', language: 'fr', text: 'Parti.' },
        { reason: 'network', language: 'en', text: ' ' },
        'text',
      ],
      'b.json': [
        { ...UPLINK, reason: 'proxy_cut', text: 'the uplink went away' },
        { reason: 'proxy_cut', language: 'en', text: 'Moved to another proxy.' },
      ],
      'c.json': '{"texts": [',
      'd.json': '{"words": []}',
    });
    expect(ruleSet.catalogue?.texts.map(({ text }) => text)).toEqual([
      UPLINK.text,
      'Moved to another proxy.',
    ]);
    expect(said).toEqual([
      expect.stringMatching(/^a\.json:8 CATALOGUE_CONTRADICTS: .*arrears.*network.*Remove/),
      expect.stringMatching(/^a\.json:18 CATALOGUE_BAD_ENTRY: .*did you mean "network"/),
      expect.stringMatching(/^a\.json:23 CATALOGUE_BAD_ENTRY: .*language must be one of/),
      expect.stringMatching(/^a\.json:28 CATALOGUE_BAD_ENTRY: .*text must be a string/),
      expect.stringMatching(/^a\.json:33 CATALOGUE_BAD_ENTRY: .*must be an object/),
      expect.stringMatching(/^b\.json:3 CATALOGUE_AMBIGUOUS: .*network \(.*a\.json:3\).*Keep one/),
      expect.stringMatching(/^c\.json:1 /),
      expect.stringMatching(/^d\.json:1 CATALOGUE_BAD_ENTRY: .*"words" is not supported/),
      expect.stringMatching(/^d\.json:1 CATALOGUE_BAD_ENTRY: .*list "reasons" or a list "texts"/),
    ]);
  });

  it('are used by commands, and the unrecognized text says where to add one', async () => {
    await writeFile(join(folder, 'catalogues', 'ours.json'), JSON.stringify({ texts: [UPLINK] }));
    const input = `${JSON.stringify({ reasonText: UPLINK.text })}\n{"reasonText": "Sun spots."}\n`;
    const { output, errors } = await runHosted(['diagnose'], {
      input,
      environment: { BREAKWATCH_RULES: folder },
    });
    expect(errors).toBe('');
    const [known, unknown] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(known).toMatchObject({ reason: 'network', category: 'network' });
    expect(unknown).toMatchObject({ rule: 'unknown/unrecognized' });
    expect(unknown.fix.join(' ')).toContain('catalogues/*.json');
  });
});

const RELAY = {
  id: 'team_relay_restart',
  category: 'network',
  side: 'us',
  title: { en: 'Our relay restarted', zh: '自有中转服务重启' },
  texts: { en: ['relay session reset by peer'], zh: ['中转会话被重置'] },
  fix: [{ en: 'Wait 30 s.' }],
  retry: '30s',
  codes: [{ errcode: 940, subErrcode: null }],
};

describe("a team's reasons", () => {
  const loadReasons = (files: Record<string, unknown>) =>
    load(
      Object.fromEntries(
        Object.entries(files).map(([name, content]) => [name, JSON.stringify(content, null, 2)]),
      ),
    );
  const judge = async (ruleSet: RuleSet, input: ReasonInput, facts: Facts = {}) => {
    setTeamCatalogue(ruleSet.catalogue);
    const match = matchReason(input);
    return createDiagnoser(ruleSet).judge({ reason: match.reason, ...facts }, match);
  };

  it('are found by text in each language and by code, and diagnosed as their entry says', async () => {
    const { ruleSet, said } = await loadReasons({ 'ours.json': { reasons: [RELAY] } });
    expect(said).toEqual([]);
    for (const input of [
      { text: 'Relay session reset by peer.' },
      { text: '中转会话被重置' },
      { errcode: 940 },
      { errcode: 0, text: 'relay session  reset by peer' },
    ]) {
      expect(await judge(ruleSet, input)).toMatchObject({
        reason: 'team_relay_restart',
        category: 'network',
        side: 'us',
        severity: 'warning',
        retry: '30s',
        outcome: 'broken',
        confidence: 'certain',
        rule: {
          id: 'network/team-relay-restart',
          name: 'Our relay restarted',
          file: 'catalogues/ours.json',
        },
      });
    }
    const similar = await judge(ruleSet, { text: 'the relay session was reset by peer' });
    expect(similar).toMatchObject({ reason: 'team_relay_restart', confidence: 'possible' });
    expect(lookUp('team_relay_restart')).toMatchObject([{ category: 'network', code: '940' }]);
    expect(lookUp('940')).toMatchObject([{ reason: 'team_relay_restart' }]);
    setTeamCatalogue();
    expect(lookUp('940')).toEqual([]);
    expect(matchReason({ errcode: 940 }).reason).toBe('unrecognized');
  });

  it('may be used by rules, also of another folder, which win over the entry', async () => {
    const rule = {
      id: 'network/relay-twice',
      name: 'Relay restarts',
      priority: 60,
      conditions: {
        all: [
          { fact: 'reason', operator: 'equal', value: 'team_relay_restart' },
          { fact: 'previousReason', operator: 'in', value: ['team_relay_restart', 'network'] },
        ],
      },
      event: {
        type: 'network',
        params: {
          severity: 'critical',
          side: 'us',
          cause: { en: 'The relay restarts again and again.' },
          fix: [{ en: 'Look at the relay.' }],
          retry: 'after-fix',
          runbook: 'network-flapping',
          evidence: ['reason'],
        },
      },
      tests: [
        {
          name: 'twice',
          given: { text: '中转会话被重置', previousReason: 'team_relay_restart' },
          expect: 'match',
        },
        { name: 'once', given: { errcode: 940 }, expect: 'network/team-relay-restart' },
      ],
    };
    const other = await mkdtemp(join(tmpdir(), 'breakwatch-other-'));
    onTestFinished(() => rm(other, { recursive: true }));
    await mkdir(join(other, 'network'), { recursive: true });
    await writeFile(join(other, 'network', 'relay-twice.json'), JSON.stringify(rule, null, 2));
    await loadReasons({ 'ours.json': { reasons: [RELAY] } });
    const { ruleSet, problems } = await loadPack([folder, other], [shippedRulesFolder()]);
    expect(problems).toEqual([]);
    expect(judgeRuleTests(ruleSet).filter(({ holds }) => !holds)).toEqual([]);
    // The catalogue of the rules in force is not changed by the tests of another set.
    expect(matchReason({ errcode: 940 }).reason).toBe('unrecognized');
    const verdict = await judge(ruleSet, { errcode: 940 }, { previousReason: 'network' });
    expect(verdict).toMatchObject({ severity: 'critical', rule: { id: 'network/relay-twice' } });

    const wrong = JSON.stringify(rule, null, 2).replace(
      '"value": "team_relay_restart"',
      '"value": "team_relay_restrat"',
    );
    await writeFile(join(other, 'network', 'relay-twice.json'), wrong);
    const { problems: named } = await loadPack([folder, other], [shippedRulesFolder()]);
    expect(named).toMatchObject([
      {
        line: 10,
        message:
          'did you mean "team_relay_restart"? the catalogues of the rules folders have no reason "team_relay_restrat"',
      },
    ]);
  });

  it('are checked by rules lint, with the rules that use them', async () => {
    const rules = { BREAKWATCH_RULES: folder };
    const made = await runHosted(
      ['rules', 'new', 'network/relay', '--reason', 'team_relay_restart', '--dir', folder],
      { environment: rules },
    );
    expect(made.errors).toContain('no reason team_relay_restart');
    await loadReasons({ 'ours.json': { reasons: [RELAY, { ...RELAY, id: 'team_two', side: 1 }] } });
    const again = await runHosted(
      ['rules', 'new', 'network/relay', '--reason', 'team_relay_restart', '--dir', folder],
      { environment: rules },
    );
    expect(again.code).toBe(0);
    const rule = join(folder, 'network', 'relay.json');
    const text = await readFile(rule, 'utf8');
    await writeFile(rule, text.replaceAll('"team_relay_restart"', '"team_relay_restrat"'));
    const { output } = await runHosted(['rules', 'lint', folder, '--format', 'json'], {
      environment: rules,
    });
    expect(JSON.parse(output).findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          check: 'catalogue',
          message: expect.stringContaining('side must be one of'),
        }),
        expect.objectContaining({
          check: 'reason',
          message: expect.stringContaining('did you mean "team_relay_restart"'),
        }),
      ]),
    );
  });

  it('are replaced by a rule with the id of their entry', async () => {
    const { ruleSet: before } = await loadReasons({ 'ours.json': { reasons: [RELAY] } });
    const made = before.rules.find(({ id }) => id === 'network/team-relay-restart');
    const { hash: _hash, file: _file, ...rule } = made as LoadedRule;
    const tests = [{ name: 'code', given: { errcode: 940 }, expect: 'match' }];
    await mkdir(join(folder, 'network'));
    await writeFile(
      join(folder, 'network', 'team-relay-restart.json'),
      JSON.stringify({ ...rule, name: 'Ours', tests }),
    );
    const { ruleSet, problems } = await loadRules([shippedRulesFolder(), folder]);
    expect(problems).toEqual([]);
    expect(await judge(ruleSet, { errcode: 940 })).toMatchObject({ rule: { name: 'Ours' } });
  });

  it('that are wrong, contradict or repeat others are named with line and remedy; the others are used', async () => {
    const { ruleSet, said } = await loadReasons({
      'a.json': {
        reasons: [
          RELAY,
          { ...RELAY, id: 'network' },
          { ...RELAY, id: 'team_two', category: 'uplink', codes: [] },
          { ...RELAY, id: 'team_three', side: undefined, codes: [] },
          { ...RELAY, id: 'team_four', title: { zh: '无' }, codes: [] },
          { ...RELAY, id: 'team_five', sied: 'us', codes: [] },
          {
            ...RELAY,
            id: 'team_six',
            texts: { en: ['推流链路网络异常', 'relay session reset by peer', 'Six.'] },
            codes: [
              { errcode: 18, subErrcode: 501 },
              { errcode: 940, subErrcode: null },
              { errcode: 941, subErrcode: null },
            ],
          },
        ],
      },
      'b.json': { reasons: [RELAY], texts: [{ ...UPLINK, reason: 'team_six' }] },
      'c.json': { reasons: {} },
    });
    expect(ruleSet.catalogue?.reasons.map(({ id, codes }) => [id, codes?.length])).toEqual([
      ['team_relay_restart', 1],
      ['team_six', 1],
    ]);
    expect(ruleSet.catalogue?.texts.map(({ text }) => text)).toEqual([
      ...['relay session reset by peer', '中转会话被重置', 'Six.'],
      UPLINK.text,
    ]);
    expect(said).toEqual([
      expect.stringMatching(/^a\.json:\d+ CATALOGUE_BAD_ENTRY: .*id must begin with team_/),
      expect.stringMatching(/^a\.json:\d+ CATALOGUE_BAD_ENTRY: .*category must be one of/),
      expect.stringMatching(/^a\.json:\d+ CATALOGUE_BAD_ENTRY: .*side must be one of/),
      expect.stringMatching(/^a\.json:\d+ CATALOGUE_BAD_ENTRY: .*title must have a text for "en"/),
      expect.stringMatching(/^a\.json:\d+ CATALOGUE_BAD_ENTRY: .*did you mean "side"/),
      expect.stringMatching(/^a\.json:\d+ CATALOGUE_CONTRADICTS: .*team_six.*network.*Remove/),
      expect.stringMatching(
        /^a\.json:\d+ CATALOGUE_AMBIGUOUS: .*team_relay_restart \(.*a\.json:\d+\)/,
      ),
      expect.stringMatching(/^a\.json:\d+ CATALOGUE_CONTRADICTS: .*"18\/501".*expiry_passed/),
      expect.stringMatching(/^a\.json:\d+ CATALOGUE_AMBIGUOUS: .*"940".*a\.json:3\).*Keep one/),
      expect.stringMatching(/^b\.json:4 CATALOGUE_BAD_ENTRY: .*already at .*a\.json:3/),
      expect.stringMatching(/^c\.json:2 CATALOGUE_BAD_ENTRY: .*"reasons" must be a list/),
    ]);
    const lines = said
      .filter((one) => one.startsWith('a.'))
      .map((one) => Number(one.split(/[: ]/)[1]));
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
    const text = await readFile(join(folder, 'catalogues', 'a.json'), 'utf8');
    expect(text.split('\n')[(lines[1] as number) - 1]).toContain('"category": "uplink"');
  });

  it('reach a running server when the file is saved: deriving, lookups and queries', async () => {
    await writeFile(join(folder, 'catalogues', 'ours.json'), '{"texts": []}');
    const store = await openTemporaryStore();
    const engine = await openEngine({
      openStore: async () => store.store,
      rulesFolders: [shippedRulesFolder(), folder],
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
      log: () => undefined,
    });
    try {
      await writeFile(
        join(folder, 'catalogues', 'ours.json'),
        JSON.stringify({ reasons: [{ ...RELAY, side: 'broadcaster' }] }),
      );
      await expect
        .poll(() => engine.lookup('940'), { timeout: 60_000 })
        .toMatchObject([
          { reason: 'team_relay_restart', side: 'broadcaster', rule: 'network/team-relay-restart' },
        ]);
      await engine.importRecords(null, [
        {
          StreamName: 's',
          StreamEndTime: new Date(Date.now() - 60_000).toISOString(),
          StopReason: '中转会话被重置',
        },
      ]);
      await engine.idle();
      const range = { from: 0, to: Date.now() };
      const { records } = await engine.breaks({ range, filters: {}, limit: 1 });
      expect(records[0]?.verdict).toMatchObject({ category: 'network', side: 'broadcaster' });
      const { results } = await engine.query({
        ...range,
        queries: [{ refId: 'A', queryType: 'lookup', text: '中转会话被重置' }],
      });
      expect(JSON.stringify(results)).toContain('Our relay restarted');
    } finally {
      await engine.close();
      await store.remove();
    }
  });
});
