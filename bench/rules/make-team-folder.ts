import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Condition, Rule, RuleTestInput } from '../../src/diagnosis/rule.ts';
import { formatRule } from '../../src/diagnosis/workbench/format-rule.ts';
import { CATEGORY_SIDES, type TenantReason, tenantReasons } from './tenant-reasons.ts';

/** Domains of the platform; each has one app for every so many rules. */
const DOMAINS = 400;

/** What tells the breaks of one rule from those of another: a condition, and facts that satisfy it. */
interface Selection {
  conditions: Condition[];
  facts: RuleTestInput;
  /** Facts of a break that the rule leaves to others. */
  other: RuleTestInput;
}

function tenantOf(index: number): Selection {
  const domain = `push-${index % DOMAINS}.example.com`;
  const app = `app-${Math.floor(index / DOMAINS)}`;
  return {
    conditions: [
      { fact: 'domain', operator: 'equal', value: domain },
      { fact: 'app', operator: 'equal', value: app },
    ],
    facts: { domain, app },
    other: { domain, app: `${app}-test` },
  };
}

function teamOf(index: number): Selection {
  const name = `team-${index}`;
  return {
    conditions: [
      { fact: 'directory.team', operator: 'equal', value: name },
      { not: { fact: 'vip', operator: 'equal', value: true } },
    ],
    facts: { 'directory.team': name, vip: false },
    other: { 'directory.team': name, vip: true },
  };
}

function streamsOf(index: number): Selection {
  const start = `shop-${index}-`;
  return {
    conditions: [{ fact: 'stream', operator: 'textStartsWith', value: start }],
    facts: { stream: `${start}live` },
    other: { stream: `old-${start}live` },
  };
}

function nodesOf(index: number): Selection {
  const block = (second: number) => `10.${second}.${(index >> 1) % 256}`;
  const [one, two] = [64 + ((index >> 9) % 64), 128 + ((index >> 9) % 64)];
  return {
    conditions: [
      {
        fact: 'node',
        operator: 'someValue:inCidr',
        value: [`${block(one)}.0/24`, `${block(two)}.0/24`],
      },
      { fact: 'resolution', operator: 'equal', value: index % 2 === 0 ? '1280x720' : '1920x1080' },
    ],
    facts: { node: `${block(two)}.9`, resolution: index % 2 === 0 ? '1280x720' : '1920x1080' },
    other: { node: '192.0.2.1', resolution: '1280x720' },
  };
}

/** A rule for everyone: how many breaks of one reason the account has. */
function accountOf(index: number): Selection {
  const least = 20 + index * 10;
  return {
    conditions: [
      { fact: 'sameReasonOfAccount5m', operator: 'greaterThanInclusive', value: least },
      { fact: 'sameReasonOfAccount5m', operator: 'lessThan', value: least + 10 },
    ],
    facts: { sameReasonOfAccount5m: least + 3 },
    other: { sameReasonOfAccount5m: 3 },
  };
}

function selectionOf(index: number): Selection {
  const twentieth = index % 20;
  if (twentieth < 10) {
    return tenantOf(index);
  }
  if (twentieth < 14) {
    return teamOf(index);
  }
  if (twentieth < 17) {
    return streamsOf(index);
  }
  return twentieth < 19 ? nodesOf(index) : accountOf(index);
}

/** Evidence that a rule needs beside its selection: nested, with numbers of its own. An edition asks for more. */
function evidenceOf(index: number, edition: number): Pick<Selection, 'conditions' | 'facts'> {
  const breaks = 2 + (index % 5) + edition;
  const seconds = 30 + (index % 60);
  return {
    conditions: [
      {
        any: [
          { fact: 'breaksOfStream10m', operator: 'greaterThanInclusive', value: breaks },
          {
            all: [
              { fact: 'secondsLive', operator: 'lessThan', value: seconds },
              { fact: 'previousReason', operator: 'in', value: ['network', 'client_closed'] },
            ],
          },
        ],
      },
    ],
    facts:
      index % 2 === 0
        ? { breaksOfStream10m: breaks }
        : { breaksOfStream10m: 0, secondsLive: seconds - 10, previousReason: 'network' },
  };
}

function makeRule(
  index: number,
  edition: number,
  { id: reason, category, given }: TenantReason,
): Rule {
  const { conditions, facts, other } = selectionOf(index);
  const evidence = evidenceOf(index, edition);
  const who = `customer ${index}`;
  return {
    id: `${category}/customer-${index}`,
    name: `Break of ${who}`,
    // No two rules tie.
    priority: 100 + index,
    conditions: {
      all: [
        { fact: 'reason', operator: 'equal', value: reason },
        ...conditions,
        ...evidence.conditions,
      ],
    },
    event: {
      type: category,
      params: {
        severity: index % 4 === 0 ? 'critical' : 'warning',
        side: CATEGORY_SIDES[category],
        cause: {
          en: `The push of ${who}[[ on {{node}}]] broke[[ after {{secondsLive}} s]]. Their contract asks for a call within ten minutes.`,
          zh: `客户 ${index} 的推流[[（节点 {{node}}）]]中断[[，已推 {{secondsLive}} 秒]]。合同要求十分钟内致电。`,
        },
        fix: [
          {
            en: `Call the desk of ${who} and name the stream[[ and its address {{clientIp}}]].`,
            zh: `致电客户 ${index} 的值班台，告知流名[[及其地址 {{clientIp}}]]。`,
          },
          {
            en: 'Ask them to push through the backup line until this one is steady for ten minutes.',
            zh: '请其改用备用线路推流，直到本线路稳定十分钟。',
          },
        ],
        retry: '30s',
        runbook: 'network-link',
        evidence: ['node', 'clientIp', 'secondsLive', 'breaksOfStream10m'],
        alert: { window: '5m', threshold: 1, groupBy: ['stream'] },
      },
    },
    tests: [
      {
        name: 'a break of this customer',
        given: { ...given, ...evidence.facts, ...facts },
        expect: 'match',
      },
      {
        name: 'a break that is left to others',
        given: { ...given, ...evidence.facts, ...other },
        expect: 'no-match',
      },
    ],
  };
}

/**
 * Writes one of the rules of {@link makeTeamFolder}.
 *
 * @param edition - 0 is the rule as the folder has it; each other one needs more breaks
 */
export function writeTeamRule(folder: string, index: number, edition: number): void {
  const rule = makeRule(index, edition, tenantReasons.of(index));
  put(folder, `${rule.id}.json`, formatRule(rule));
}

function put(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

/**
 * Writes the folder of a team that sells pushes to many customers: a catalogue with reasons of its own, and
 * rules by customer, app, team, stream, node and number of breaks, each with two tests and texts in English
 * and Chinese.
 *
 * @param count - number of rules
 */
export function makeTeamFolder(folder: string, count: number): void {
  put(
    folder,
    'catalogues/ours.json',
    `${JSON.stringify({ reasons: tenantReasons.own }, null, 2)}\n`,
  );
  for (let index = 0; index < count; index += 1) {
    writeTeamRule(folder, index, 0);
  }
}
