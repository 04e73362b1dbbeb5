import { withMeant } from '../../model/errors.ts';
import { findFact } from '../../model/fact-catalogue.ts';
import type { LocalizedText } from '../../model/localized-text.ts';
import { placeholdersOf } from '../../model/render-template.ts';
import type { Language } from '../../model/vocabulary.ts';
import { childrenOf, leavesOf } from '../conditions.ts';
import { parseBlock } from '../operators/address-block.ts';
import { kindOfOperator } from '../operators/own-operators.ts';
import type { Condition, Leaf, LintWaiver, Rule, WaivableCheck } from '../rule.ts';
import { factsOfMatch } from '../rule-files/check-rule.ts';

/** A weakness of a rule that can be loaded. */
export interface UpkeepMistake {
  /** JSON pointer to the weakness. */
  pointer: string;
  level: 'error' | 'warning';
  check: WaivableCheck;
  message: string;
}

/** Requirements for rules that are not needed to load them. */
export interface UpkeepOptions {
  /** Languages that every text must have. */
  languages: readonly Language[];
  /** Names of the runbooks that exist. */
  runbooks: ReadonlySet<string>;
  /** False: a missing runbook is only a warning. */
  runbooksRequired: boolean;
}

/** Facts by which rules are indexed, so that an event is tested only by rules that can match. */
const LEADING_FACTS = ['reason', 'bypassCode'];
const LEADING_OPERATORS = ['equal', 'in'];
const SHOWN_FACTS = 2;
const FEWEST_TESTS = 2;

const reasonFacts = new Set(['reason']);

/** The texts of a rule for people, with their positions. */
function textsOf(rule: Rule): { pointer: string; text: LocalizedText }[] {
  const { cause, fix } = rule.event.params;
  return [
    { pointer: '/event/params/cause', text: cause },
    ...fix.map((text, index) => ({ pointer: `/event/params/fix/${index}`, text })),
  ];
}

function checkLanguages(rule: Rule, wanted: readonly Language[]): UpkeepMistake[] {
  return textsOf(rule).flatMap(({ pointer, text }) => {
    const missing = wanted.filter((language) => text[language] === undefined);
    const mistakes: UpkeepMistake[] = [];
    if (missing.length > 0) {
      const message = `this text is missing in: ${missing.join(', ')}`;
      mistakes.push({ pointer, level: 'error', check: 'language', message });
    }
    const factsOf = (words: string) =>
      new Set(placeholdersOf(words).filter((name) => findFact(name) !== undefined));
    const english = factsOf(text.en);
    for (const [language, words] of Object.entries(text)) {
      const differing = [...factsOf(words).symmetricDifference(english)];
      if (differing.length > 0) {
        mistakes.push({
          pointer: `${pointer}/${language}`,
          level: 'error',
          check: 'language',
          message: `${differing.map((name) => `{{${name}}}`).join(', ')} is used in only one of ${language} and en`,
        });
      }
    }
    return mistakes;
  });
}

function checkTests({ tests }: Rule): UpkeepMistake[] {
  const complaints = [
    tests.length < FEWEST_TESTS && `only ${tests.length} test; a rule needs ${FEWEST_TESTS}`,
    !tests.some(({ expect }) => expect === 'match') && 'no test expects "match"',
    !tests.some(({ expect }) => expect !== 'match') &&
      'no test is a near miss, which expects "no-match" or the id of another rule',
  ];
  return complaints
    .filter((message) => message !== false)
    .map((message) => ({ pointer: '/tests', level: 'error', check: 'tests', message }));
}

function checkTodos(rule: Rule): UpkeepMistake[] {
  const found: UpkeepMistake[] = [];
  const walk = (part: unknown, pointer: string): void => {
    if (typeof part === 'string') {
      if (/\bTODO\b/.test(part)) {
        const message = 'replace this TODO';
        found.push({ pointer, level: 'error', check: 'todo', message });
      }
    } else if (part !== null && typeof part === 'object') {
      for (const [key, child] of Object.entries(part)) {
        walk(child, `${pointer}/${key}`);
      }
    }
  };
  walk(rule, '');
  return found;
}

function checkRunbook(rule: Rule, options: UpkeepOptions): UpkeepMistake[] {
  const { runbook } = rule.event.params;
  if (options.runbooks.has(runbook)) {
    return [];
  }
  return [
    {
      pointer: '/event/params/runbook',
      level: options.runbooksRequired ? 'error' : 'warning',
      check: 'runbook',
      message: withMeant(`the runbook ${runbook}.md does not exist`, runbook, options.runbooks),
    },
  ];
}

function checkConditions({ conditions, event }: Rule): UpkeepMistake[] {
  const mistakes: UpkeepMistake[] = [];
  const first = 'all' in conditions ? conditions.all[0] : undefined;
  const leads =
    first !== undefined &&
    'fact' in first &&
    LEADING_FACTS.includes(first.fact) &&
    LEADING_OPERATORS.includes(first.operator);
  if (!leads) {
    mistakes.push({
      pointer: '/conditions',
      level: 'warning',
      check: 'reason-first',
      message:
        'conditions should be "all" and begin with the reason (equal or in); this rule is tested on every event',
    });
  }
  const facts = leavesOf(conditions).map((leaf) => leaf.fact);
  const shown = new Set([...event.params.evidence, ...facts]).difference(reasonFacts);
  if (shown.size < SHOWN_FACTS) {
    mistakes.push({
      pointer: '/event/params/evidence',
      level: 'warning',
      check: 'evidence',
      message: `a diagnosis should show at least ${SHOWN_FACTS} facts besides the reason`,
    });
  }
  return mistakes;
}

/** A comparison, where it is, and whether a `not` above it negates it. */
interface PlacedLeaf {
  leaf: Leaf;
  pointer: string;
  negated: boolean;
}

function placedLeaves(condition: Condition, pointer: string, negated: boolean): PlacedLeaf[] {
  if ('not' in condition) {
    return placedLeaves(condition.not, `${pointer}/not`, !negated);
  }
  const children = childrenOf(condition);
  if (!children) {
    return [{ leaf: condition as Leaf, pointer, negated }];
  }
  const join = 'any' in condition ? 'any' : 'all';
  return children.flatMap((child, index) =>
    placedLeaves(child, `${pointer}/${join}/${index}`, negated),
  );
}

/**
 * Finds comparisons with an operator of Breakwatch that are negated, so that they are true for a missing fact,
 * where nothing else in the rule needs the fact.
 */
function checkMissingFacts(rule: Rule, leaves: readonly PlacedLeaf[]): UpkeepMistake[] {
  const known = factsOfMatch(rule);
  return leaves.flatMap(({ leaf: { fact, operator }, pointer, negated }): UpkeepMistake[] => {
    const nots = operator.split(':').filter((part) => part === 'not').length;
    const isTrueWhenMissing = negated !== (nots % 2 === 1);
    return kindOfOperator(operator) && isTrueWhenMissing && !known.has(fact)
      ? [
          {
            pointer,
            level: 'warning',
            check: 'missing-fact',
            message: `this is also true when ${fact} is missing, because it is negated; add a comparison that needs ${fact}, or disable this check if that is meant`,
          },
        ]
      : [];
  });
}

/** Finds texts with a * at an end, which people mean as a pattern and which match that sign alone. */
function checkWildcards(leaves: readonly PlacedLeaf[]): UpkeepMistake[] {
  return leaves.flatMap(({ leaf: { fact, operator, value }, pointer }): UpkeepMistake[] =>
    [value].flat().flatMap((one, index): UpkeepMistake[] => {
      const [, front, middle = '', back] = /^(\*?)(.*?)(\*?)$/s.exec(String(one)) ?? [];
      if (typeof one !== 'string' || !(front || back)) {
        return [];
      }
      const plain = front && back ? 'textContains' : front ? 'textEndsWith' : 'textStartsWith';
      const block = parseBlock(one);
      const meant = 'problem' in block && /"([^"]+)"\?$/.exec(block.problem)?.[1];
      const instead = middle === '' ? '' : `; use ${plain} with "${middle}"`;
      return [
        {
          pointer: `${pointer}/value${Array.isArray(value) ? `/${index}` : ''}`,
          level: 'warning',
          check: 'wildcard',
          message: `${meant ? `did you mean inCidr with "${meant}"? ` : ''}the * in "${one}" is compared as it is, as "${operator}" knows no pattern${meant ? '' : instead} (${fact})`,
        },
      ];
    }),
  );
}

/**
 * Finds weaknesses of a rule that can be loaded: a missing language, languages with different facts, too few
 * tests, unfinished texts, a missing runbook, too little evidence, negated comparisons of facts that may be missing, and
 * patterns where there are none.
 */
export function checkUpkeep(rule: Rule, options: UpkeepOptions): UpkeepMistake[] {
  const leaves = placedLeaves(rule.conditions, '/conditions', false);
  return [
    ...checkLanguages(rule, options.languages),
    ...checkTests(rule),
    ...checkTodos(rule),
    ...checkRunbook(rule, options),
    ...checkConditions(rule),
    ...checkMissingFacts(rule, leaves),
    ...checkWildcards(leaves),
  ];
}

/** A finding about a waiver itself. */
export interface WaiverMistake {
  pointer: string;
  level: 'error' | 'warning';
  check: 'waiver';
  message: string;
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * Removes the mistakes that a rule's waiver disables. An expired waiver disables nothing and is an error. A
 * waiver for a check that finds nothing is a warning.
 *
 * @param today - `YYYY-MM-DD`, UTC
 */
export function applyWaiver(
  mistakes: readonly UpkeepMistake[],
  waiver: LintWaiver | undefined,
  today: string,
): (UpkeepMistake | WaiverMistake)[] {
  if (!waiver) {
    return [...mistakes];
  }
  const { disable, until } = waiver;
  if (until !== undefined && (!isDay(until) || until < today)) {
    const message = isDay(until) ? `this waiver ended on ${until}` : `${until} is not a date`;
    return [...mistakes, { pointer: '/lint/until', level: 'error', check: 'waiver', message }];
  }
  const unused = disable.flatMap((check, index): WaiverMistake[] =>
    mistakes.some((mistake) => mistake.check === check)
      ? []
      : [
          {
            pointer: `/lint/disable/${index}`,
            level: 'warning',
            check: 'waiver',
            message: `"${check}" finds nothing here; remove the waiver`,
          },
        ],
  );
  return [...mistakes.filter(({ check }) => !disable.includes(check)), ...unused];
}
