import { duration, type Segment, say, showInvisible } from './card/segments.ts';
import type { Evidence, Expectation } from './diagnosis.ts';
import { FACT_CATALOGUE } from './fact-catalogue.ts';
import { FACT_LABELS } from './fact-labels.ts';
import type { FactValue } from './facts.ts';
import { factSegment } from './render-template.ts';
import type { Language } from './vocabulary.ts';

const units = new Map(FACT_CATALOGUE.map(({ name, unit }) => [name, unit]));
/** Facts that count something. */
const COUNT = /^(?:breaks|ends)Of/;

/** How one language writes facts and comparisons. */
interface FactWords {
  yes: string;
  no: string;
  unknown: string;
  colon: string;
  comma: string;
  and: string;
  or: string;
  seconds: string;
  /** Counter behind a number of breaks. */
  times: string;
  count(label: string, number: string): string;
  inBrackets(before: string, inside: string): string;
  rule(expected: string): string;
  negate(words: string): string;
  /** By operator of json-rules-engine. */
  operators: Record<string, (value: string) => string>;
}

const WORDS: Record<Language, FactWords> = {
  en: {
    yes: 'yes',
    no: 'no',
    unknown: 'not known',
    colon: ': ',
    comma: ', ',
    and: ' and ',
    or: ' or ',
    seconds: ' s',
    times: '',
    count: (label, number) => `${number} ${label}`,
    inBrackets: (before, inside) => `${before} (${inside})`,
    rule: (expected) => `rule: ${expected}`,
    negate: (words) => `not (${words})`,
    operators: {
      equal: (value) => value,
      notEqual: (value) => `not ${value}`,
      in: (value) => `one of ${value}`,
      notIn: (value) => `none of ${value}`,
      lessThan: (value) => `less than ${value}`,
      lessThanInclusive: (value) => `${value} or less`,
      greaterThan: (value) => `more than ${value}`,
      greaterThanInclusive: (value) => `${value} or more`,
    },
  },
  zh: {
    yes: '是',
    no: '否',
    unknown: '未知',
    colon: '：',
    comma: '、',
    and: ' 且 ',
    or: ' 或 ',
    seconds: ' 秒',
    times: ' 次',
    count: (label, number) => `${label} ${number}`,
    inBrackets: (before, inside) => `${before}（${inside}）`,
    rule: (expected) => `规则：${expected}`,
    negate: (words) => `非（${words}）`,
    operators: {
      equal: (value) => value,
      notEqual: (value) => `非 ${value}`,
      in: (value) => `${value} 之一`,
      notIn: (value) => `${value} 以外`,
      lessThan: (value) => `少于 ${value}`,
      lessThanInclusive: (value) => `至多 ${value}`,
      greaterThan: (value) => `超过 ${value}`,
      greaterThanInclusive: (value) => `至少 ${value}`,
    },
  },
  ja: {
    yes: 'はい',
    no: 'いいえ',
    unknown: '不明',
    colon: '：',
    comma: '、',
    and: ' かつ ',
    or: ' または ',
    seconds: ' 秒',
    times: ' 回',
    count: (label, number) => `${label}：${number}`,
    inBrackets: (before, inside) => `${before}（${inside}）`,
    rule: (expected) => `ルール：${expected}`,
    negate: (words) => `（${words}）以外`,
    operators: {
      equal: (value) => value,
      notEqual: (value) => `${value} 以外`,
      in: (value) => `${value} のいずれか`,
      notIn: (value) => `${value} のいずれでもない`,
      lessThan: (value) => `${value}未満`,
      lessThanInclusive: (value) => `${value}以下`,
      greaterThan: (value) => `${value}超`,
      greaterThanInclusive: (value) => `${value}以上`,
    },
  },
  ko: {
    yes: '예',
    no: '아니요',
    unknown: '알 수 없음',
    colon: ': ',
    comma: ', ',
    and: ' 및 ',
    or: ' 또는 ',
    seconds: '초',
    times: '회',
    count: (label, number) => `${label} ${number}`,
    inBrackets: (before, inside) => `${before} (${inside})`,
    rule: (expected) => `규칙: ${expected}`,
    negate: (words) => `(${words}) 아님`,
    operators: {
      equal: (value) => value,
      notEqual: (value) => `${value} 아님`,
      in: (value) => `${value} 중 하나`,
      notIn: (value) => `${value} 모두 아님`,
      lessThan: (value) => `${value} 미만`,
      lessThanInclusive: (value) => `${value} 이하`,
      greaterThan: (value) => `${value} 초과`,
      greaterThanInclusive: (value) => `${value} 이상`,
    },
  },
};

/** Operators with the opposite result for every fact, known or not. */
const OPPOSITE: Record<string, string> = {
  equal: 'notEqual',
  notEqual: 'equal',
  in: 'notIn',
  notIn: 'in',
};

/** The order operators with their sides exchanged. */
const SWAPPED: Record<string, string> = {
  lessThan: 'greaterThan',
  lessThanInclusive: 'greaterThanInclusive',
  greaterThan: 'lessThan',
  greaterThanInclusive: 'lessThanInclusive',
};

/** Returns the label of a fact, or its name when it has no label. */
export function labelOfFact(name: string, language: Language): string {
  return FACT_LABELS[name]?.[language] ?? name;
}

/** Prints the value of a fact with its unit or counter: `90 s`, `8 回`. */
function printFactValue(name: string, value: FactValue, language: Language): string {
  const { yes, no, seconds, times } = WORDS[language];
  if (typeof value === 'boolean') {
    return value ? yes : no;
  }
  if (typeof value === 'string') {
    return value;
  }
  if (COUNT.test(name)) {
    return `${value}${times}`;
  }
  const unit = units.get(name);
  return unit === undefined ? String(value) : `${value}${unit === 's' ? seconds : ` ${unit}`}`;
}

/**
 * Describes a fact with its value: `8 breaks of this stream in 10 min` or
 * `time since the previous break: 90 s`.
 *
 * @param value - undefined when the fact is not known
 */
export function describeFact(
  name: string,
  value: FactValue | undefined,
  language: Language,
): string {
  const words = value === undefined ? undefined : printFactValue(name, value, language);
  return withLabel(name, words === undefined ? undefined : showInvisible(words), {
    language,
    isCount: typeof value === 'number' && COUNT.test(name),
  });
}

function withLabel(
  name: string,
  words: string | undefined,
  { language, isCount }: { language: Language; isCount: boolean },
): string {
  const { count, colon, unknown } = WORDS[language];
  const label = labelOfFact(name, language);
  return isCount && words !== undefined
    ? count(label, words)
    : `${label}${colon}${words ?? unknown}`;
}

/**
 * Describes a fact for a card. Times and durations stay typed, because the view prints them in the
 * reader's time zone and language.
 */
export function factSegments(name: string, value: FactValue, language: Language): Segment[] {
  const head = `${labelOfFact(name, language)}${WORDS[language].colon}`;
  if (typeof value === 'number' && value >= 0 && units.get(name) === 's') {
    return say`${head}${duration(value * 1_000)}`;
  }
  const typed = factSegment(name, value);
  return typed.kind === 'time' ? say`${head}${typed}` : say`${describeFact(name, value, language)}`;
}

/**
 * Describes what a rule expects of a fact: `3 or more`, `not network`, `one of main, aux`.
 * Decorators are translated too; an unknown operator keeps its name.
 */
export function describeExpectation(
  fact: string,
  expectation: Expectation,
  language: Language,
): string {
  const { operators, negate, and, or } = WORDS[language];
  const { operator, ...rest } = expectation;
  const again = (changed: Partial<Expectation>) =>
    describeExpectation(fact, { operator, ...rest, ...changed }, language);
  const colon = operator.indexOf(':');
  const decorated = operator.slice(colon + 1);
  switch (colon < 0 ? '' : operator.slice(0, colon)) {
    case 'not': {
      const opposite = OPPOSITE[decorated];
      return opposite ? again({ operator: opposite }) : negate(again({ operator: decorated }));
    }
    case 'swap':
      return again({ operator: SWAPPED[decorated] ?? decorated });
    case 'someValue':
    case 'everyValue':
      return (rest.value as FactValue[])
        .map((value) => again({ operator: decorated, value }))
        .join(operator.startsWith('some') ? or : and);
    default: {
      const value = expectedValue(fact, expectation, language);
      return operators[operator]?.(value) ?? `${operator} ${value}`;
    }
  }
}

function expectedValue(
  fact: string,
  { value, otherValue }: Expectation,
  language: Language,
): string {
  const { comma, inBrackets } = WORDS[language];
  if (Array.isArray(value)) {
    return value.map((one) => printFactValue(fact, one, language)).join(comma);
  }
  if (typeof value !== 'object') {
    return printFactValue(fact, value, language);
  }
  const label = labelOfFact(value.fact, language);
  return otherValue === undefined
    ? label
    : inBrackets(label, printFactValue(value.fact, otherValue, language));
}

/**
 * Describes a comparison of a rule: `less than 3 breaks of this stream in 10 min` or
 * `time live: 5 s or more`.
 */
export function describeComparison(
  fact: string,
  expectation: Expectation,
  language: Language,
): string {
  return withLabel(fact, describeExpectation(fact, expectation, language), {
    language,
    isCount: COUNT.test(fact) && typeof expectation.value === 'number',
  });
}

/**
 * Describes a fact with what a rule expects of it:
 * `8 breaks of this stream in 10 min (rule: 3 or more)`.
 */
export function describeEvidence(
  { fact, value, expected = [] }: Omit<Evidence, 'value'> & { value?: FactValue },
  language: Language,
): string {
  const { and, inBrackets, rule } = WORDS[language];
  const found = describeFact(fact, value, language);
  const words = expected.map((one) => describeExpectation(fact, one, language)).join(and);
  // Avoids "reason: network (rule: network)".
  return words === '' || (value !== undefined && words === printFactValue(fact, value, language))
    ? found
    : inBrackets(found, rule(words));
}
