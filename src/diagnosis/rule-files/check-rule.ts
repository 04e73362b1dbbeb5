import { Ajv, type ValidateFunction } from 'ajv';
import { nearestName, withMeant } from '../../model/errors.ts';
import { FACT_CATALOGUE, findFact } from '../../model/fact-catalogue.ts';
import type { LocalizedText } from '../../model/localized-text.ts';
import { placeholdersOf } from '../../model/render-template.ts';
import { parseDuration } from '../../model/time.ts';
import { CATEGORIES } from '../../model/vocabulary.ts';
import { TEAM_PREFIX } from '../../reasons/reason-catalogue.ts';
import { leavesOf } from '../conditions.ts';
import { type Condition, hashJson, type Leaf, type LoadedRule, type Rule } from '../rule.ts';
import { buildRuleSchema } from './build-rule-schema.ts';
import { checkValues } from './check-values.ts';
import { isReason, matchesMissingFact } from './condition-schema.ts';
import { explainComparisons } from './explain-comparison.ts';
import { explainSchemaError } from './explain-schema-error.ts';
import { JsonSyntaxError, type LocatedJson, type Place, parseJson } from './parse-json.ts';
import { isInCategory } from './read-rule-files.ts';
import { expandShared, type SharedConditionsOf } from './shared-conditions.ts';

/** A mistake that a schema cannot find. */
interface RuleMistake {
  /** JSON pointer to the mistake. */
  pointer: string;
  /** Name of the check that found it. */
  check:
    | 'id'
    | 'type'
    | 'reason'
    | 'value'
    | 'placeholder'
    | 'optional-fact'
    | 'decisive'
    | 'alert'
    | 'test-name';
  message: string;
}

const factNames = FACT_CATALOGUE.map((fact) => fact.name);
const always = new Set(FACT_CATALOGUE.filter((fact) => fact.always).map(({ name }) => name));
const OPTIONAL_SEGMENT = /\[\[(?:(?!\]\]).)*\]\]/gs;

/** Facts that are known whenever a rule matches. */
export function factsOfMatch(rule: Pick<Rule, 'conditions'>): Set<string> {
  return guaranteedFacts(rule.conditions).union(always);
}

/** Facts that are known whenever the conditions hold. */
function guaranteedFacts(condition: Condition): Set<string> {
  if ('any' in condition) {
    const [first = new Set<string>(), ...rest] = condition.any.map(guaranteedFacts);
    return rest.reduce((common, other) => common.intersection(other), first);
  }
  if ('all' in condition) {
    return condition.all.map(guaranteedFacts).reduce((a, b) => a.union(b), new Set<string>());
  }
  if ('not' in condition) {
    return new Set();
  }
  const leaf = condition as Leaf;
  const proves = !matchesMissingFact(leaf.operator) && typeof leaf.value !== 'object';
  return new Set(proves || leaf.operator === 'in' ? [leaf.fact] : []);
}

function checkText(text: LocalizedText, pointer: string, guaranteed: Set<string>): RuleMistake[] {
  return Object.entries(text).flatMap(([language, words]) => {
    const mistakes: RuleMistake[] = [];
    const add = (message: string, check: RuleMistake['check'] = 'placeholder') =>
      mistakes.push({ pointer: `${pointer}/${language}`, check, message });
    for (const name of placeholdersOf(words)) {
      if (!findFact(name)) {
        const meant = nearestName(name, factNames);
        add(`${meant ? `did you mean {{${meant}}}? ` : ''}there is no fact {{${name}}}`);
      }
    }
    const outside = words.replace(OPTIONAL_SEGMENT, '');
    if (/\[\[|\]\]/.test(outside)) {
      add('[[ and ]] must come in pairs and cannot be nested');
      return mistakes;
    }
    for (const name of placeholdersOf(outside)) {
      if (findFact(name) && !guaranteed.has(name)) {
        add(
          `{{${name}}} may be missing; put this part of the sentence into [[…]]`,
          'optional-fact',
        );
      }
    }
    if (/\{\{|\}\}/.test(words.replace(/\{\{\s*[A-Za-z][\w.]*\s*\}\}/g, ''))) {
      add('put the name of one fact between {{ and }}');
    }
    for (const segment of words.match(OPTIONAL_SEGMENT) ?? []) {
      if (placeholdersOf(segment).length === 0) {
        add(`${segment} contains no fact, so it is always shown; remove the brackets`);
      }
    }
    return mistakes;
  });
}

/** Breaks that are more than a day apart are not the same problem. */
const MAX_ALERT_MS = 86_400_000;

function checkAlert({ id, event }: Rule): RuleMistake[] {
  const { alert } = event.params;
  const mistakes: RuleMistake[] = [];
  for (const key of ['window', 'for', 'keepFiring'] as const) {
    const text = alert?.[key];
    if (text !== undefined && (parseDuration(text) ?? 0) > MAX_ALERT_MS) {
      const message = `${text} is longer than one day`;
      mistakes.push({ pointer: `/event/params/alert/${key}`, check: 'alert', message });
    }
  }
  for (const [index, pattern] of (alert?.inhibits ?? []).entries()) {
    if (pattern === id) {
      const message = 'a rule cannot inhibit itself';
      mistakes.push({ pointer: `/event/params/alert/inhibits/${index}`, check: 'alert', message });
    }
  }
  return mistakes;
}

/**
 * Finds mistakes in a rule that matches the schema: an id that is not the path of the file, a type that is
 * not the folder, texts with facts that do not exist or may be missing, decisive facts that no condition
 * reads, an alert with a duration of more than a day.
 *
 * @param file - path of the rule in its rules folder, with forward slashes
 */
function checkRule(rule: Rule, file: string): RuleMistake[] {
  const mistakes: RuleMistake[] = [];
  const path = file.replace(/\.json$/, '');
  if (rule.id !== path) {
    mistakes.push({
      pointer: '/id',
      check: 'id',
      message: `the id "${rule.id}" must be the path of its file, "${path}"`,
    });
  }
  const folder = path.split('/')[0];
  if (rule.event.type !== folder) {
    mistakes.push({
      pointer: '/event/type',
      check: 'type',
      message: `the type "${rule.event.type}" must be the folder of the file, "${folder}"`,
    });
  }
  const guaranteed = factsOfMatch(rule);
  const { params } = rule.event;
  mistakes.push(...checkText(params.cause, '/event/params/cause', guaranteed));
  for (const [index, step] of params.fix.entries()) {
    mistakes.push(...checkText(step, `/event/params/fix/${index}`, guaranteed));
  }
  const read = new Set(leavesOf(rule.conditions).map((leaf) => leaf.fact));
  for (const [index, name] of (params.decisive ?? []).entries()) {
    if (!read.has(name)) {
      mistakes.push({
        pointer: `/event/params/decisive/${index}`,
        check: 'decisive',
        message: `no condition reads "${name}"; remove it or add a condition`,
      });
    }
  }
  mistakes.push(...checkValues(rule.conditions, '/conditions'));
  mistakes.push(...checkAlert(rule));
  const names = new Set<string>();
  for (const [index, test] of rule.tests.entries()) {
    if (names.has(test.name)) {
      mistakes.push({
        pointer: `/tests/${index}/name`,
        check: 'test-name',
        message: `another test of this rule has the name "${test.name}"`,
      });
    }
    names.add(test.name);
  }
  return mistakes;
}

/**
 * Finds reasons of a team that its catalogue does not have.
 *
 * @param pointer - where the part is
 */
function checkReasons(part: unknown, known: ReadonlySet<string>, pointer = ''): RuleMistake[] {
  if (typeof part !== 'object' || part === null) {
    return [];
  }
  const fields = Object.entries(part);
  const ofLeaf = 'fact' in part && typeof part.fact === 'string' && isReason(part.fact);
  return fields.flatMap(([name, value]) => {
    const place = `${pointer}/${name}`;
    if (!isReason(name) && !(ofLeaf && name === 'value')) {
      return checkReasons(value, known, place);
    }
    return [value].flat().flatMap((id, index): RuleMistake[] => {
      if (typeof id !== 'string' || !id.startsWith(TEAM_PREFIX) || known.has(id)) {
        return [];
      }
      return [
        {
          pointer: Array.isArray(value) ? `${place}/${index}` : place,
          check: 'reason',
          message: withMeant(
            `the catalogues of the rules folders have no reason "${id}"`,
            id,
            known,
          ),
        },
      ];
    });
  });
}

let compiled: ValidateFunction<Rule> | undefined;

/** The validator of rules. It is compiled at its first use, because most commands read no rule. */
function ruleValidator(): ValidateFunction<Rule> {
  compiled ??= new Ajv({ allErrors: false, strict: false, verbose: true }).compile<Rule>(
    buildRuleSchema(),
  );
  return compiled;
}

/** A mistake in a rule file, with its position. */
export interface LocatedMistake extends Place {
  /** The check that found it: `folder`, `syntax`, `schema`, or one of `checkRule`. */
  check: string;
  message: string;
}

/** The result of a check: a rule, mistakes, or a file that is not a rule. */
export type CheckedText =
  | { kind: 'rule'; rule: LoadedRule; document: LocatedJson }
  | { kind: 'mistakes'; mistakes: LocatedMistake[]; document?: LocatedJson }
  | { kind: 'other' };

/** Whether a file outside the category folders is a rule in the wrong folder. */
function looksLikeRule(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && 'conditions' in value;
  } catch {
    return false;
  }
}

function checkMisplaced(text: string): CheckedText {
  const message = `put this rule into the folder of its category, one of: ${CATEGORIES.join(', ')}`;
  return looksLikeRule(text)
    ? { kind: 'mistakes', mistakes: [{ line: 1, column: 1, check: 'folder', message }] }
    : { kind: 'other' };
}

/**
 * Checks the text of one rule file: first JSON, then the schema, then what a schema cannot check. It stops
 * at the first step that finds mistakes.
 *
 * @param source - a byte order mark is ignored
 * @param file - path in the rules folder, with forward slashes
 * @param teamReasons - ids of the reasons of the team's catalogue; they are not checked when absent
 * @param shared - conditions that the rule may name; the checked rule has them in place of their names
 */
export function checkRuleText(
  source: string,
  file: string,
  teamReasons?: ReadonlySet<string>,
  shared: SharedConditionsOf = new Map(),
): CheckedText {
  const text = source.replace(/^\ufeff/, '');
  if (!isInCategory(file)) {
    return checkMisplaced(text);
  }
  let document: LocatedJson;
  try {
    document = parseJson(text);
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) {
      const { place, message } = thrown;
      return { kind: 'mistakes', mistakes: [{ ...place, check: 'syntax', message }] };
    }
    throw thrown;
  }
  const validate = ruleValidator();
  if (!validate(document.value)) {
    const [error] = validate.errors ?? [];
    const compared = explainComparisons(document);
    if (compared.length > 0) {
      const mistakes = compared.map((mistake) => ({ ...mistake, check: 'schema' }));
      return { kind: 'mistakes', mistakes, document };
    }
    const mistakes = error
      ? [{ ...explainSchemaError(error, document), check: 'schema' }]
      : [{ line: 1, column: 1, check: 'schema', message: 'this is not a rule' }];
    return { kind: 'mistakes', mistakes, document };
  }
  const written: Rule & { $schema?: string } = document.value;
  const { expanded, mistakes: unknown } = expandShared(written.conditions, shared, '/conditions');
  if (unknown.length > 0) {
    const mistakes = unknown.map(({ pointer, message }) => {
      return { ...document.placeOf(pointer), check: 'condition', message };
    });
    return { kind: 'mistakes', mistakes, document };
  }
  const rule = { ...written, conditions: expanded as Rule['conditions'] };
  const mistakes = [
    ...checkRule(rule, file),
    ...(teamReasons ? checkReasons(document.value, teamReasons) : []),
  ];
  if (mistakes.length > 0) {
    return {
      kind: 'mistakes',
      mistakes: mistakes.map(({ pointer, check, message }) => {
        return { ...document.placeOf(pointer), check, message };
      }),
      document,
    };
  }
  // Keys for editors and lint only do not belong to the content of the rule.
  const { $schema: _schema, lint: _lint, ...content } = rule;
  return {
    kind: 'rule',
    rule: { ...content, hash: hashJson(content), file },
    document,
  };
}
