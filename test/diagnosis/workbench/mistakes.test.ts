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
const TEXT = { en: 'The cause.', zh: '原因。', ja: '原因。', ko: '원인.' };
/** Changes a rule in a way that its type forbids. */
// biome-ignore lint/suspicious/noExplicitAny: a mistake is what no type allows
const changing = (change: (rule: any) => void) => () => {
  const rule = makeRule(RULE);
  change(rule);
  put(rule);
};
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
  'a pattern as a value': comparing('stream', 'equal', 'shop-*'),
  'a pattern in a list': comparing('domain', 'in', ['push.example.com', '*.example.com']),
  'a pattern of addresses': comparing('node', 'equal', '10.2.*'),
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
  'a misspelt severity': changing((rule) => {
    rule.event.params.severity = 'criticl';
  }),
  'a side that does not exist': changing((rule) => {
    rule.event.params.side = 'them';
  }),
  'a wait without its unit': changing((rule) => {
    rule.event.params.retry = '30';
  }),
  'a window in words': changing((rule) => {
    rule.event.params.alert = { window: '5 minutes', threshold: 1, groupBy: ['stream'] };
  }),
  'a group that does not exist': changing((rule) => {
    rule.event.params.alert = { window: '5m', threshold: 1, groupBy: ['streams'] };
  }),
  'a misspelt fact as evidence': changing((rule) => {
    rule.event.params.evidence = ['nod'];
  }),
  'a misspelt fact in a text': changing((rule) => {
    rule.event.params.cause = { ...TEXT, en: 'The node {{nod}} failed.' };
  }),
  'a fact that may be missing in a text': changing((rule) => {
    rule.event.params.cause = { ...TEXT, en: 'The node {{node}} failed.' };
  }),
  'a text without English': changing((rule) => {
    rule.event.params.cause = { zh: '原因。' };
  }),
  'a text in a language that there is not': changing((rule) => {
    rule.event.params.cause = { ...TEXT, fr: 'La cause.' };
  }),
  'a fix that is no list': changing((rule) => {
    rule.event.params.fix = TEXT;
  }),
  'a category that does not exist': changing((rule) => {
    rule.event.type = 'networks';
  }),
  'an id that is not that of the file': changing((rule) => {
    rule.id = 'network/other';
  }),
  'a priority in quotes': changing((rule) => {
    rule.priority = '90';
  }),
  'a runbook that does not exist': changing((rule) => {
    rule.event.params.runbook = 'network-lnk';
  }),
  'conditions without all or any': changing((rule) => {
    rule.conditions = { fact: 'reason', operator: 'equal', value: 'network' };
  }),
  'a misspelt all': changing((rule) => {
    rule.conditions = { al: [reason] };
  }),
  'no conditions': changing((rule) => {
    rule.conditions = { all: [] };
  }),
  'a comparison without its value': changing((rule) => {
    rule.conditions = { all: [{ fact: 'reason', operator: 'equal' }] };
  }),
  'a test with a misspelt fact': changing((rule) => {
    rule.tests = [{ name: 'one', given: { errcod: 14 }, expect: 'match' }];
  }),
  'a test with a value of another type': changing((rule) => {
    rule.tests = [{ name: 'one', given: { errcode: '14' }, expect: 'match' }];
  }),
  'a test that expects a rule that does not exist': changing((rule) => {
    rule.tests = [{ name: 'one', given: { errcode: 14 }, expect: 'network/link-eror' }];
  }),
  'a test that expects a misspelt word': changing((rule) => {
    rule.tests = [{ name: 'one', given: { errcode: 14 }, expect: 'matches' }];
  }),
  'the same key twice': replacing('"priority": 90,', '"priority": 90,\n  "priority": 80,'),
  'a file that is cut off': () => void folder.put(`${RULE}.json`, text.slice(0, 300)),
  'an empty file': () => void folder.put(`${RULE}.json`, ''),
  'single quotes': replacing('"warning"', "'warning'"),
  'a patch of a rule that is gone': () => {
    put(makeRule(RULE));
    folder.put('patches/network/link-eror.json', {
      rule: 'network/link-eror',
      against: '000000000000',
      patch: { event: { params: { severity: 'info' } } },
    });
  },
  'a patch of conditions': () => {
    put(makeRule(RULE));
    folder.put('patches/network/link-error.json', {
      rule: 'network/link-error',
      against: '000000000000',
      patch: { conditions: { all: [] } },
    });
  },
  'a patch with a misspelt key': () => {
    put(makeRule(RULE));
    folder.put('patches/network/link-error.json', {
      rule: 'network/link-error',
      against: '000000000000',
      patch: { event: { params: { severty: 'info' } } },
    });
  },
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
    .map(({ level, check, file, line, column, message }) => {
      const path = relative(folder.path, file) || '.';
      return `${path}:${line}:${column}: ${level}: ${message.slice(0, 300)} (${check})`;
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
