import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import bypassCatalogue from '../../rules/catalogues/bypass-codes.json' with { type: 'json' };
import { leavesOf } from '../../src/diagnosis/conditions.ts';
import type { LoadedRule, LoadResult } from '../../src/diagnosis/rule.ts';
import { loadRules } from '../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser, type Diagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import { runRuleTests } from '../../src/diagnosis/run/rule-tests.ts';
import { lintRunbooks } from '../../src/diagnosis/workbench/lint-runbooks.ts';
import { printReasonCode } from '../../src/model/break.ts';
import type { Diagnosis } from '../../src/model/diagnosis.ts';
import type { Facts } from '../../src/model/facts.ts';
import type { LocalizedText } from '../../src/model/localized-text.ts';
import { placeholdersOf } from '../../src/model/render-template.ts';
import { LANGUAGES } from '../../src/model/vocabulary.ts';
import { matchReason, type ReasonInput } from '../../src/reasons/match-reason.ts';
import { ALL_REASONS, type Reason, UNRECOGNIZED } from '../../src/reasons/reason-catalogue.ts';

const runbookFolder = fileURLToPath(new URL('../../docs/runbooks/', import.meta.url));
const FALLBACK = 'unknown/unrecognized';

let loaded: LoadResult;
let rules: LoadedRule[];
let diagnoser: Diagnoser;
beforeAll(async () => {
  loaded = await loadRules([shippedRulesFolder()]);
  rules = loaded.ruleSet.rules;
  diagnoser = createDiagnoser(loaded.ruleSet);
});

/** Judges an event from its code or words and any further facts, as the engine would. */
function judge(input: ReasonInput, facts: Facts = {}): Promise<Diagnosis> {
  const match = matchReason(input);
  const own: Facts = { reason: match.reason };
  if (match.code) {
    own.errcode = match.code.errcode;
    own.code = printReasonCode(match.code);
  }
  if (match.bypassCode !== null) {
    own.bypassCode = match.bypassCode;
  }
  return diagnoser.diagnose({ ...own, ...facts }, match);
}

function textsOf(rule: LoadedRule): LocalizedText[] {
  return [rule.event.params.cause, ...rule.event.params.fix];
}

/** Collects what is wrong, so that one run names every rule that needs work. */
function complaints(check: (rule: LoadedRule) => (string | false)[]): string[] {
  return rules.flatMap((rule) =>
    check(rule)
      .filter((complaint) => complaint !== false)
      .map((complaint) => `${rule.id}: ${complaint}`),
  );
}

describe('the files of the shipped rules', () => {
  it('load without a problem', () => {
    expect(loaded.problems).toEqual([]);
    expect(rules.length).toBeGreaterThanOrEqual(60);
  });

  it('carry an example that wins and a near miss, and all of them hold', async () => {
    expect(
      complaints(({ tests }) => [
        !tests.some((test) => test.expect === 'match') && 'no test expects a match',
        !tests.some((test) => test.expect !== 'match') && 'no test is a near miss',
      ]),
    ).toEqual([]);
    expect(runRuleTests(loaded.ruleSet).map((failure) => failure.message)).toEqual([]);
  });

  it('ask for the reason first, so that one event need not meet every rule', () => {
    expect(
      complaints(({ conditions }) => {
        const first = 'all' in conditions ? conditions.all[0] : undefined;
        const plain = first && 'fact' in first ? `${first.fact} ${first.operator}` : 'a group';
        return [!/^(reason|bypassCode) (equal|in)$/.test(plain) && `begins with ${plain}`];
      }),
    ).toEqual([]);
  });

  it('say the same in four languages', () => {
    expect(
      complaints((rule) =>
        textsOf(rule).flatMap((text) =>
          LANGUAGES.map((language) => {
            const words = text[language];
            const facts = placeholdersOf(words ?? '')
              .sort()
              .join();
            return (
              (words === undefined && `no ${language} for "${text.en}"`) ||
              ((words?.length ?? 0) <= 4 && `"${words}" is no sentence`) ||
              (facts !== placeholdersOf(text.en).sort().join() &&
                `${language} has the facts ${facts}: "${words}"`)
            );
          }),
        ),
      ),
    ).toEqual([]);
  });

  it('show at least two facts for each verdict', () => {
    expect(
      complaints((rule) => {
        const facts = new Set([
          ...rule.event.params.evidence,
          ...leavesOf(rule.conditions).map((leaf) => leaf.fact),
        ]);
        facts.delete('reason');
        return [facts.size < 2 && 'fewer than two facts beside the reason'];
      }),
    ).toEqual([]);
  });
});

describe('the runbooks', () => {
  const files = readdirSync(runbookFolder).filter((file) => file.endsWith('.md'));

  it('are one for each cause that a rule names, one for blindness, and no others', () => {
    const ofRules = rules.map((rule) => rule.event.params.runbook);
    const named = [...new Set([...ofRules, 'collection-blind'])].sort();
    expect(files.map((file) => basename(file, '.md')).sort()).toEqual(named);
  });

  const sectionsOf = (path: string) =>
    readFileSync(join(runbookFolder, path), 'utf8').match(/^## .*/gm);

  it.each(files)('%s has its four parts and names the source of the fix', (file) => {
    expect(sectionsOf(file)).toEqual(['## Meaning', '## Impact', '## Diagnosis', '## Mitigation']);
    const text = readFileSync(join(runbookFolder, file), 'utf8').trimEnd();
    expect(text.split('\n').at(-1)).toMatch(/^Source: \S.{20,}/);
  });

  it.each(LANGUAGES.filter((language) => language !== 'en'))(
    'say the same in %s, with the same names of the four parts',
    async (language) => {
      expect(await lintRunbooks(runbookFolder, [language], true)).toEqual([]);
      const [first, ...others] = files.map((file) => sectionsOf(join(language, file)));
      expect(first).toHaveLength(4);
      for (const other of others) {
        expect(other).toEqual(first);
      }
    },
  );
});

/** A code that stands for all its sub codes, such as a bare 18, has its reason only with its message. */
function withMessage(
  { coversSubCodes, texts }: Reason,
  code: Reason['codes'][number],
): ReasonInput {
  return coversSubCodes ? { ...code, text: Object.values(texts).flat()[0] } : code;
}

describe('the knowledge', () => {
  it('has an answer of its own for every code of every reason', async () => {
    for (const reason of ALL_REASONS) {
      for (const code of reason.codes) {
        const { reason: found, category, rule } = await judge(withMessage(reason, code));
        expect([code, found, category]).toEqual([code, reason.id, reason.category]);
        expect([code, rule.id]).not.toEqual([code, FALLBACK]);
      }
    }
  });

  it('puts every reason without further evidence under its own category', async () => {
    for (const reason of ALL_REASONS) {
      const { id, category, codes, bypassCodes } = reason;
      const bypassCode = bypassCodes[0] ?? null;
      const input = { ...(codes[0] && withMessage(reason, codes[0])), bypassCode };
      const isKnown = id !== UNRECOGNIZED;
      const match = matchReason(isKnown ? input : { text: 'new words' });
      expect(match.reason).toBe(id);
      const verdict = await diagnoser.diagnose({ reason: id }, match);
      expect([id, verdict.rule.id.split('/')[0]]).toEqual([id, verdict.category]);
      if (isKnown) {
        expect([id, verdict.category]).toEqual([id, category]);
        expect([id, verdict.rule.id]).not.toEqual([id, FALLBACK]);
      }
    }
  });

  it('has an answer of its own for the words of every reason in every language', async () => {
    for (const reason of ALL_REASONS) {
      for (const text of Object.values(reason.texts).flat()) {
        expect([text, (await judge({ text })).rule.id]).not.toEqual([text, FALLBACK]);
      }
    }
  });

  it('agrees with the catalogue about every bypass code', async () => {
    for (const { category, severity, side, retry, outcome, codes } of bypassCatalogue.causes) {
      for (const { code } of codes) {
        const verdict = await judge({ bypassCode: code });
        expect([code, verdict.rule.id]).not.toEqual([code, FALLBACK]);
        expect({ code, ...verdict }).toMatchObject({
          code,
          category,
          severity,
          side,
          retry,
          outcome,
        });
      }
    }
  });

  it('tells how long a URL had been expired, and leaves the number out when nobody knows', async () => {
    const notified = await judge({ errcode: 18, subErrcode: 501 }, { secondsPastExpiry: 840 });
    expect(notified).toMatchObject({ category: 'auth', outcome: 'refused', confidence: 'certain' });
    expect(notified.cause.en).toContain('14 min');
    expect(notified.cause.zh).toContain('14 分');
    expect(notified.fix[0]?.en).toMatch(/^Check txTime expiry/);
    const untold = await judge({ errcode: 18, subErrcode: 501 });
    expect(untold.cause.en).not.toMatch(/\d min|\?|\[\[/);
  });

  it('says "retry in 30 s" for a bypass push that timed out', async () => {
    const verdict = await judge({ bypassCode: 6012 });
    expect(verdict).toMatchObject({ category: 'network', retry: '30s' });
    expect(verdict.fix[0]?.en).toMatch(/^Retry in 30 s/);
  });

  it('tells a stop from a lost connection, though CSS prints one text for both', async () => {
    expect(await judge({ errcode: 1 })).toMatchObject({ outcome: 'ended', severity: 'info' });
    for (const errcode of [3, 4]) {
      expect(await judge({ errcode })).toMatchObject({ category: 'client', outcome: 'broken' });
    }
    const nodeWide = await judge({ errcode: 4 }, { breaksOfNode5m: 5, node: '198.51.100.7' });
    expect(nodeWide).toMatchObject({ category: 'network', outcome: 'broken' });
    expect(nodeWide.cause.en).toContain('198.51.100.7');
  });

  it('names the blocker and its first cause when a reconnect meets an expired URL', async () => {
    const verdict = await judge(
      { errcode: 18, subErrcode: 501 },
      { previousReason: 'network', secondsSincePreviousBreak: 6, breaksOfStream10m: 4 },
    );
    expect(verdict).toMatchObject({
      category: 'auth',
      rule: { id: 'auth/url-expired-after-network-break' },
      retry: 'after-fix',
    });
  });

  it('does not take one encoder that retries for the outage of a domain or a node', async () => {
    const loop = { breaksOfStream10m: 9, breaksOfDomain5m: 10, breaksOfNode5m: 9 };
    expect((await judge({ errcode: 18, subErrcode: 503 }, loop)).rule.id).toBe('auth/check-failed');
    expect((await judge({ errcode: 19 }, loop)).rule.id).toBe('auth/third-party');
    expect((await judge({ errcode: 14 }, loop)).rule.id).toBe('network/flapping');
    expect((await judge({ errcode: 5 }, loop)).rule.id).toBe('platform/internal-error-again');
  });

  it('never invents a cause for words that nobody knows', async () => {
    const verdict = await judge({ text: 'The moon is full.' }, { reasonText: 'The moon is full.' });
    expect(verdict).toMatchObject({ category: 'unknown', confidence: 'possible' });
    expect(verdict.cause.en).toContain('The moon is full.');
  });
});
