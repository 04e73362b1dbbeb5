import { nearestName } from '../../model/errors.ts';
import { FACT_NAMES, type FactDefinition, findFact } from '../../model/fact-catalogue.ts';
import { isObject } from '../../model/is-object.ts';
import { kindOfOperator } from '../operators/own-operators.ts';
import { OPERATORS, operatorsOfFact, valuesOfFact } from './condition-schema.ts';
import { type LocatedJson, type Place, stepsOfPointer } from './parse-json.ts';

/** What people write for an operator in other formats, and what it is here. */
const FOREIGN: Record<string, string> = {
  '=': 'equal',
  '==': 'equal',
  '===': 'equal',
  eq: 'equal',
  is: 'equal',
  '!=': 'notEqual',
  '<>': 'notEqual',
  ne: 'notEqual',
  '<': 'lessThan',
  lt: 'lessThan',
  '<=': 'lessThanInclusive',
  lte: 'lessThanInclusive',
  '>': 'greaterThan',
  gt: 'greaterThan',
  '>=': 'greaterThanInclusive',
  gte: 'greaterThanInclusive',
  startswith: 'textStartsWith',
  prefix: 'textStartsWith',
  endswith: 'textEndsWith',
  suffix: 'textEndsWith',
  contains: 'textContains',
  includes: 'textContains',
  cidr: 'inCidr',
  subnet: 'inCidr',
};
/** What other formats call a comparison with a pattern. */
const PATTERN = /regex|regexp|match|pattern|like|glob|wildcard/i;

function quoted(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** What a fact is, in words. */
function kindOf({ type, format, unit }: FactDefinition): string {
  if (format) {
    return format === 'time' ? 'a time' : 'an address';
  }
  const words = { number: 'a number', string: 'a text', boolean: 'true or false' }[type];
  return unit ? `${words} in ${unit}` : words;
}

/** The operators of a fact without decorators, for a sentence. */
function possible(fact: FactDefinition): string {
  const plain = operatorsOfFact(fact).filter((name) => !name.includes(':'));
  return `${plain.slice(0, -1).join(', ')} or ${plain.at(-1)}`;
}

function factMistake(name: unknown): string | undefined {
  if (typeof name !== 'string') {
    return `the name of a fact is a text, not ${quoted(name)}`;
  }
  if (findFact(name)) {
    return undefined;
  }
  const meant = nearestName(name, FACT_NAMES);
  return meant
    ? `did you mean "${meant}"? there is no fact ${quoted(name)}`
    : `there is no fact ${quoted(name)}; docs/facts.md lists them, and a column of the directory is directory.<column>`;
}

/** Why there is no pattern match, with what there is instead. */
function noPattern(fact: FactDefinition): string {
  const isText = operatorsOfFact(fact).includes('textContains');
  const on = { number: 'numbers', string: 'texts', boolean: 'true and false' }[fact.type];
  const instead = isText
    ? 'use textStartsWith, textEndsWith or textContains'
    : `use ${possible(fact)}`;
  return `there is no pattern match on ${on}; ${fact.name} is ${kindOf(fact)}: ${instead}`;
}

function operatorMistake(name: unknown, fact: FactDefinition): string | undefined {
  if (typeof name !== 'string') {
    return `the name of an operator is a text, not ${quoted(name)}`;
  }
  const allowed = operatorsOfFact(fact);
  if (allowed.includes(name)) {
    return undefined;
  }
  const uses = `${fact.name} is ${kindOf(fact)}: use ${possible(fact)}`;
  if (OPERATORS.includes(name)) {
    return kindOfOperator(name) === 'text' && fact.type !== 'string'
      ? noPattern(fact)
      : `"${name}" is not possible on ${fact.name}; ${uses}`;
  }
  const foreign = FOREIGN[name.toLowerCase()];
  const meant =
    (foreign !== undefined && allowed.includes(foreign) ? foreign : undefined) ??
    nearestName(name, allowed) ??
    nearestName(name, [...OPERATORS]);
  if (meant === undefined && PATTERN.test(name)) {
    return noPattern(fact);
  }
  if (meant !== undefined && !allowed.includes(meant)) {
    return `did you mean "${meant}"? it is not possible on ${fact.name} either; ${uses}`;
  }
  return meant
    ? `did you mean "${meant}"? there is no operator ${quoted(name)}`
    : `there is no operator ${quoted(name)}; ${uses}`;
}

/** What is wrong with one value for a fact. */
function oneMistake(value: unknown, fact: FactDefinition, operator: string): string | undefined {
  const isOwn = kindOfOperator(operator) !== undefined;
  const type = isOwn ? 'string' : fact.type;
  if (isObject(value)) {
    if (isOwn && kindOfOperator(operator) !== 'text') {
      return `"${operator}" compares with a text, not with another fact`;
    }
    return Object.keys(value).join() === 'fact'
      ? factMistake(value.fact)
      : 'an object as a value must be {"fact": "…"}, the name of another fact';
  }
  if (value === null) {
    return `null is not a value; a comparison with a missing fact is false, and below "not" it is true`;
  }
  if (typeof value !== type) {
    const example = typeof fact.example === type ? `, such as ${JSON.stringify(fact.example)}` : '';
    const isQuoted =
      typeof value === 'string' &&
      (Number(value) === Number.parseFloat(value) || /^(?:true|false)$/.test(value));
    const hint = isQuoted ? ', without quotes' : example;
    return isOwn
      ? undefined
      : `${fact.name} is ${kindOf(fact)}, so it cannot be ${quoted(value)}: write ${wordFor(type)}${hint}`;
  }
  const values = isOwn ? undefined : valuesOfFact(fact);
  if (values && !values.includes(value as string) && !String(value).startsWith('team_')) {
    const meant = nearestName(String(value), [...values]);
    return meant
      ? `did you mean "${meant}"? ${fact.name} is never ${quoted(value)}`
      : `${fact.name} is never ${quoted(value)}; it is one of ${values.slice(0, 12).join(', ')}${values.length > 12 ? ', …' : ''}`;
  }
  return undefined;
}

function wordFor(type: FactDefinition['type']): string {
  return { number: 'a number', string: 'a text', boolean: 'true or false' }[type];
}

const takesList = (operator: string) =>
  /^(?:not:)*(?:in|notIn)$|^(?:some|every)Value:/.test(operator);

function valueMistakes(
  value: unknown,
  fact: FactDefinition,
  operator: string,
): { pointer: string; message: string }[] {
  const at = (pointer: string, message: string | undefined) =>
    message === undefined ? [] : [{ pointer, message }];
  if (takesList(operator)) {
    if (!Array.isArray(value)) {
      const single = operator === 'in' || operator === 'notIn';
      const instead = single
        ? `; for one value, use ${operator === 'in' ? 'equal' : 'notEqual'}`
        : '';
      return at(
        '',
        `"${operator}" needs a list, such as [${JSON.stringify(fact.example)}]${instead}`,
      );
    }
    return value.flatMap((one, index) => at(`/${index}`, oneMistake(one, fact, operator)));
  }
  if (Array.isArray(value)) {
    const list = operator === 'equal' ? 'in' : operator === 'notEqual' ? 'notIn' : undefined;
    return at(
      '',
      `"${operator}" compares with one value, not with a list; use "${list ?? `someValue:${operator.replace(/^not:/, '')}`}"`,
    );
  }
  const isOther = isObject(value) && Object.hasOwn(value, 'fact');
  return at(isOther ? '/fact' : '', oneMistake(value, fact, operator));
}

/** A mistake in a comparison, and its position. */
export interface ComparisonMistake extends Place {
  message: string;
}

/**
 * Finds facts and operators that do not exist, operators that a fact does not have, and values of the wrong kind. The
 * schema refuses them too; these messages say what is possible for the fact.
 */
export function explainComparisons(document: LocatedJson): ComparisonMistake[] {
  return explainComparisonsOf(document, '/conditions');
}

/**
 * Finds the same mistakes in one condition of a document.
 *
 * @param root - JSON pointer of one step to the condition
 */
export function explainComparisonsOf(document: LocatedJson, root: string): ComparisonMistake[] {
  const found: ComparisonMistake[] = [];
  const add = (pointer: string, message: string) =>
    found.push({ ...document.placeOf(pointer), message });
  const walk = (part: unknown, pointer: string): void => {
    if (!isObject(part)) {
      return;
    }
    for (const join of ['all', 'any'] as const) {
      const children = part[join];
      if (Array.isArray(children)) {
        for (const [index, child] of children.entries()) {
          walk(child, `${pointer}/${join}/${index}`);
        }
      }
    }
    walk(part.not, `${pointer}/not`);
    if (!Object.hasOwn(part, 'fact')) {
      return;
    }
    const wrong = factMistake(part.fact);
    if (wrong !== undefined) {
      add(`${pointer}/fact`, wrong);
      return;
    }
    if (!Object.hasOwn(part, 'operator')) {
      return;
    }
    const fact = findFact(part.fact as string) as FactDefinition;
    const impossible = operatorMistake(part.operator, fact);
    if (impossible !== undefined) {
      add(`${pointer}/operator`, impossible);
      return;
    }
    if (Object.hasOwn(part, 'value')) {
      for (const mistake of valueMistakes(part.value, fact, part.operator as string)) {
        add(`${pointer}/value${mistake.pointer}`, mistake.message);
      }
    }
  };
  if (isObject(document.value)) {
    walk(document.value[stepsOfPointer(root)[0] as string], root);
  }
  return found;
}
