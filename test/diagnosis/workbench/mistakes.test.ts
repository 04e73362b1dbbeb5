import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFolders } from '../../../src/diagnosis/rule-files/check-folders.ts';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { formatRule } from '../../../src/diagnosis/workbench/index.ts';
import { lintRules } from '../../../src/diagnosis/workbench/lint-rules.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../../helpers/rules-folder.ts';

const GOLDEN = new URL('./mistakes.golden.txt', import.meta.url);
const RULE = 'network/ours';

let folder: RulesFolder;
beforeEach(() => {
  folder = createRulesFolder();
});
afterEach(() => folder.remove());

const leaf = (fact: unknown, operator: unknown, value: unknown) => ({ fact, operator, value });
const reason = leaf('reason', 'equal', 'network');
const comparing = (fact: unknown, operator: unknown, value: unknown) => () =>
  put(makeRule(RULE, { conditions: { all: [reason, leaf(fact, operator, value)] } as never }));
const put = (rule: object) => folder.put(`${RULE}.json`, formatRule(rule));
const text = formatRule(makeRule(RULE));
const replacing = (from: string, to: string) => () => {
  expect(text).toContain(from);
  folder.put(`${RULE}.json`, text.replace(from, to));
};

/** Each kind of mistake, and how a team makes it. */
const MISTAKES: Record<string, () => void> = {
  'a misspelt fact': comparing('breaksOfStreams10m', 'greaterThan', 3),
  'a fact that is nothing like one': comparing('weather', 'equal', 'rain'),
  'a misspelt operator': comparing('stream', 'equals', 'shop-17'),
  'an operator of another language': comparing('secondsLive', '>=', 60),
  'a part of a text by its usual name': comparing('stream', 'contains', 'shop'),
  'a pattern on a text': comparing('stream', 'matches', 'shop-*'),
  'a pattern on a number': comparing('secondsLive', 'regex', '^6'),
  'a text operator on a number': comparing('errcode', 'textStartsWith', '1'),
  'order on a text': comparing('stream', 'lessThan', 'm'),
  'a block of addresses on a name': comparing('stream', 'inCidr', '10.2.0.0/16'),
  'a time compared by order': comparing('endedAt', 'greaterThan', 1_767_225_600_000),
  'a number in quotes': comparing('secondsLive', 'lessThan', '60'),
  'true in quotes': comparing('vip', 'equal', 'true'),
  'a text without quotes': comparing('stream', 'equal', 17),
  'one value for a list': comparing('reason', 'in', 'network'),
  'a list for one value': comparing('domain', 'equal', ['a.example.com', 'b.example.com']),
  'a list for a text operator': comparing('stream', 'textStartsWith', ['a', 'b']),
  'a misspelt reason': comparing('previousReason', 'equal', 'replacd'),
  'a value that a fact never has': comparing('streamType', 'equal', 'camera'),
  'a missing fact as null': comparing('node', 'equal', null),
  'another fact that does not exist': comparing('stream', 'equal', { fact: 'rooms' }),
  'a shared condition that does not exist': () => {
    folder.put('conditions/ours.json', {
      nights: { all: [leaf('endedAt', 'onWeekday', 'Sat UTC')] },
    });
    put(makeRule(RULE, { conditions: { all: [reason, { condition: 'night' }] } as never }));
  },
  'shared conditions in a circle': () => {
    folder.put('conditions/ours.json', {
      one: { all: [{ condition: 'two' }] },
      two: { not: { condition: 'one' } },
    });
  },
  'a mistake in a shared condition': () => {
    folder.put('conditions/ours.json', { nights: { all: [leaf('stream', 'matches', '*')] } });
    put(makeRule(RULE, { conditions: { all: [reason, { condition: 'nights' }] } as never }));
  },
  'a block that is none': comparing('clientIp', 'inCidr', '10.2.*'),
  'a block with bits behind its prefix': comparing('node', 'inCidr', '10.2.0.7/16'),
  'a time zone that does not exist': comparing('endedAt', 'atTimeOfDay', '22:00-06:00 Asia/Peking'),
  'a time of day without a zone': comparing('endedAt', 'atTimeOfDay', '22:00-06:00'),
  'a day that does not exist': comparing('endedAt', 'onWeekday', 'Monday-Fri UTC'),
  'a negated operator on a fact that may be missing': comparing(
    'clientIp',
    'not:inCidr',
    '10.2.0.0/16',
  ),
  'a misspelt key': replacing('"priority"', '"prority"'),
  'a comma too many': replacing('"retry": "30s",', '"retry": "30s",,'),
  'a comment': replacing('"priority": 90,', '"priority": 90, // high'),
  'a reason of a catalogue that does not have it any more': comparing(
    'reason',
    'equal',
    'team_gone',
  ),
  'a rule in no category': () => void folder.put('ours.json', text),
  'a folder without a rule': () => void folder.put('README.md', 'Nothing.'),
  'a rule in YAML': () => {
    put(makeRule(RULE));
    folder.put('network/other.yaml', 'id: network/other\n');
  },
  'a link to a folder above it': () => {
    put(makeRule(RULE));
    symlinkSync(folder.path, join(folder.path, 'network/loop'));
  },
};

async function findingsOf(make: () => void): Promise<string> {
  make();
  const { findings } = await lintRules([folder.path], {
    today: '2026-01-01',
    below: [shippedRulesFolder()],
  });
  return [...(await checkFolders([folder.path])), ...findings]
    .map(({ level, check, file, line, column, message, hint }) => {
      const path = relative(folder.path, file) || '.';
      return `${path}:${line}:${column}: ${level}: ${hint ? `${hint} ` : ''}${message.slice(0, 300)} (${check})`;
    })
    .join('\n');
}

/** The page of all mistakes with their messages, in sections. */
function sectionsOf(page: string): Map<string, string> {
  const sections = page.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [name = '', ...lines] = section.trim().split('\n');
      return [name, lines.join('\n').trim()];
    }),
  );
}

describe('messages of mistakes', () => {
  const golden = sectionsOf(readFileSync(GOLDEN, 'utf8'));

  // UPDATE_GOLDEN=1 npx vitest run test/diagnosis/workbench/mistakes.test.ts
  it.each(Object.entries(MISTAKES))('%s', async (name, make) => {
    const found = await findingsOf(make);
    expect(found).not.toBe('');
    if (process.env.UPDATE_GOLDEN) {
      golden.set(name, found);
      const names = Object.keys(MISTAKES).filter((one) => golden.has(one));
      writeFileSync(GOLDEN, names.map((one) => `## ${one}\n\n${golden.get(one)}\n`).join('\n'));
    }
    expect(found).toBe(golden.get(name));
  });

  it('has nothing that no mistake causes', () => {
    expect([...golden.keys()].sort()).toEqual(Object.keys(MISTAKES).sort());
    expect(golden.size).toBeGreaterThanOrEqual(25);
  });

  it('are those of the loader for comparisons', async () => {
    comparing('secondsLive', 'regex', '^6')();
    const { problems } = await loadRules([folder.path]);
    expect(problems.map(({ message }) => message)).toEqual([
      'there is no pattern match on numbers; secondsLive is a number in s: use equal, notEqual, in, notIn, lessThan, lessThanInclusive, greaterThan or greaterThanInclusive',
    ]);
  });
});
