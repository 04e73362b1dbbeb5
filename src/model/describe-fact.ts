import { duration, type Segment, say, showInvisible } from './card/segments.ts';
import type { Evidence, Expectation } from './diagnosis.ts';
import { FACT_CATALOGUE } from './fact-catalogue.ts';
import { FACT_LABELS } from './fact-labels.ts';
import type { FactValue } from './facts.ts';
import { factSegment, printPlainFact } from './render-template.ts';
import { formatSeconds } from './time.ts';
import type { Language } from './vocabulary.ts';

const units = new Map(FACT_CATALOGUE.map(({ name, unit }) => [name, unit]));
/** Begins the names of facts that are columns of the directory. */
const COLUMN_PREFIX = 'directory.';
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
  /** Counter behind a number of breaks. */
  times: string;
  count(label: string, number: string): string;
  inBrackets(before: string, inside: string): string;
  rule(expected: string): string;
  negate(words: string): string;
  /** Label of a column of the directory. */
  column(name: string): string;
  /** By operator. */
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
    times: '',
    count: (label, number) => `${number} ${label}`,
    inBrackets: (before, inside) => `${before} (${inside})`,
    rule: (expected) => `rule: ${expected}`,
    negate: (words) => `not (${words})`,
    column: (name) => `${name} (directory)`,
    operators: {
      equal: (value) => value,
      notEqual: (value) => `not ${value}`,
      in: (value) => `one of ${value}`,
      notIn: (value) => `none of ${value}`,
      lessThan: (value) => `less than ${value}`,
      lessThanInclusive: (value) => `${value} or less`,
      greaterThan: (value) => `more than ${value}`,
      greaterThanInclusive: (value) => `${value} or more`,
      textStartsWith: (value) => `starts with ${value}`,
      textEndsWith: (value) => `ends with ${value}`,
      textContains: (value) => `contains ${value}`,
      inCidr: (value) => `in ${value}`,
      atTimeOfDay: (value) => `between ${value}`,
      onWeekday: (value) => `on ${value}`,
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
    times: ' 次',
    count: (label, number) => `${label} ${number}`,
    inBrackets: (before, inside) => `${before}（${inside}）`,
    rule: (expected) => `规则：${expected}`,
    negate: (words) => `非（${words}）`,
    column: (name) => `${name}（目录）`,
    operators: {
      equal: (value) => value,
      notEqual: (value) => `非 ${value}`,
      in: (value) => `${value} 之一`,
      notIn: (value) => `${value} 以外`,
      lessThan: (value) => `少于 ${value}`,
      lessThanInclusive: (value) => `至多 ${value}`,
      greaterThan: (value) => `超过 ${value}`,
      greaterThanInclusive: (value) => `至少 ${value}`,
      textStartsWith: (value) => `以 ${value} 开头`,
      textEndsWith: (value) => `以 ${value} 结尾`,
      textContains: (value) => `包含 ${value}`,
      inCidr: (value) => `属于 ${value}`,
      atTimeOfDay: (value) => `在 ${value} 之间`,
      onWeekday: (value) => `在 ${value}`,
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
    times: ' 回',
    count: (label, number) => `${label}：${number}`,
    inBrackets: (before, inside) => `${before}（${inside}）`,
    rule: (expected) => `ルール：${expected}`,
    negate: (words) => `（${words}）以外`,
    column: (name) => `${name}（ディレクトリ）`,
    operators: {
      equal: (value) => value,
      notEqual: (value) => `${value} 以外`,
      in: (value) => `${value} のいずれか`,
      notIn: (value) => `${value} のいずれでもない`,
      lessThan: (value) => `${value}未満`,
      lessThanInclusive: (value) => `${value}以下`,
      greaterThan: (value) => `${value}超`,
      greaterThanInclusive: (value) => `${value}以上`,
      textStartsWith: (value) => `${value} で始まる`,
      textEndsWith: (value) => `${value} で終わる`,
      textContains: (value) => `${value} を含む`,
      inCidr: (value) => `${value} に含まれる`,
      atTimeOfDay: (value) => `${value} の間`,
      onWeekday: (value) => `${value} の曜日`,
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
    times: '회',
    count: (label, number) => `${label} ${number}`,
    inBrackets: (before, inside) => `${before} (${inside})`,
    rule: (expected) => `규칙: ${expected}`,
    negate: (words) => `(${words}) 아님`,
    column: (name) => `${name}(디렉터리)`,
    operators: {
      equal: (value) => value,
      notEqual: (value) => `${value} 아님`,
      in: (value) => `${value} 중 하나`,
      notIn: (value) => `${value} 모두 아님`,
      lessThan: (value) => `${value} 미만`,
      lessThanInclusive: (value) => `${value} 이하`,
      greaterThan: (value) => `${value} 초과`,
      greaterThanInclusive: (value) => `${value} 이상`,
      textStartsWith: (value) => `${value}(으)로 시작`,
      textEndsWith: (value) => `${value}(으)로 끝남`,
      textContains: (value) => `${value} 포함`,
      inCidr: (value) => `${value}에 속함`,
      atTimeOfDay: (value) => `${value} 사이`,
      onWeekday: (value) => `${value} 요일`,
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
  return (
    FACT_LABELS[name]?.[language] ??
    (name.startsWith(COLUMN_PREFIX)
      ? WORDS[language].column(name.slice(COLUMN_PREFIX.length))
      : name)
  );
}

/** Prints the value of a fact with its unit or counter: `1 min 30 s`, `8 回`. */
function printFactValue(name: string, value: FactValue, language: Language): string {
  const { yes, no, times } = WORDS[language];
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
  if (unit === 's' || unit === 'ms') {
    return formatSeconds(unit === 's' ? value : value / 1_000, language);
  }
  return unit === undefined ? printPlainFact(name, value) : `${value} ${unit}`;
}

/**
 * Describes a fact with its value: `8 breaks of this stream in 10 min` or
 * `time since the previous break: 1 min 30 s`.
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
  const { operator } = expectation;
  const colon = operator.indexOf(':');
  const decorated = operator.slice(colon + 1);
  const again = (changed: Partial<Expectation>) =>
    describeExpectation(fact, { ...expectation, ...changed }, language);
  switch (colon < 0 ? '' : operator.slice(0, colon)) {
    case 'not': {
      const opposite = OPPOSITE[decorated];
      return opposite ? again({ operator: opposite }) : negate(again({ operator: decorated }));
    }
    case 'swap':
      return again({ operator: SWAPPED[decorated] ?? decorated });
    case 'someValue':
    case 'everyValue':
      return (expectation.value as FactValue[])
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
 * Evidence with the name of a reason instead of its id. What the rule expects of it is left out: those are ids, and
 * the rule's page names them.
 */
export function titledEvidence({
  title,
  expected,
  ...item
}: Evidence & { title?: string }): Evidence {
  return title === undefined
    ? { ...item, ...(expected && { expected }) }
    : { ...item, value: title };
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
