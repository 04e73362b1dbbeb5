/**
 * The part of the rule schema that is about conditions: operators, facts and their values.
 *
 * Rules may use the operators of Breakwatch, and those of json-rules-engine 7.3.1 that make sense for facts which
 * are plain values. `contains`, `doesNotContain`, `someFact:`, `everyFact:` and `swap:in` are left out, because
 * they would be false for every event or throw when a fact is missing.
 *
 * @module
 */
import {
  DIRECTORY_COLUMN,
  DIRECTORY_FACT,
  FACT_CATALOGUE,
  type FactDefinition,
} from '../../model/fact-catalogue.ts';
import { CATEGORIES } from '../../model/vocabulary.ts';
import { ALL_REASONS, TEAM_PREFIX } from '../../reasons/reason-catalogue.ts';
import { type OperatorKind, OWN_OPERATORS, ownOperatorNames } from '../operators/own-operators.ts';
import { ISO_TIME } from '../operators/time-window.ts';

/** A JSON Schema, or a part of one. */
export type Schema = Record<string, unknown>;

const REASON_IDS = ALL_REASONS.map((reason) => reason.id);

const ORDER = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];
const EQUALITY = ['equal', 'notEqual'];
const MEMBERSHIP = ['in', 'notIn'];

function withDecorators(decorators: string[], operators: string[]): string[] {
  return decorators.flatMap((decorator) => operators.map((name) => `${decorator}:${name}`));
}

/** Compare with one number (or another fact). */
const ORDER_OPERATORS = [...ORDER, ...withDecorators(['not', 'swap'], ORDER)];
/** Compare with one value (or another fact). */
const EQUALITY_OPERATORS = [...EQUALITY, ...withDecorators(['not', 'swap'], EQUALITY)];
/** Compare with a list of values. */
const LIST_OPERATORS = [
  ...MEMBERSHIP,
  ...withDecorators(['not'], MEMBERSHIP),
  ...withDecorators(['someValue', 'everyValue'], EQUALITY),
];
/** Compare with a list of numbers. */
const ORDER_LIST_OPERATORS = withDecorators(['someValue', 'everyValue'], ORDER);

const OWN = OWN_OPERATORS.map(({ name }) => name);

/** Operators of Breakwatch of one kind that compare with one value, and those that compare with a list. */
function ownOperators(kind: OperatorKind): { one: string[]; list: string[] } {
  const names = ownOperatorNames(kind);
  return {
    one: [...names, ...withDecorators(['not'], names)],
    list: withDecorators(['someValue', 'everyValue'], names),
  };
}

/** All operators that a rule may use, those without decorators first. */
export const OPERATORS: readonly string[] = [
  ...EQUALITY,
  ...MEMBERSHIP,
  ...ORDER,
  ...OWN,
  ...[
    ...EQUALITY_OPERATORS,
    ...LIST_OPERATORS,
    ...ORDER_OPERATORS,
    ...ORDER_LIST_OPERATORS,
    ...withDecorators(['not', 'someValue', 'everyValue'], OWN),
  ].filter((name) => name.includes(':')),
];

/** Operators that are true for a missing fact, so that a match does not prove that the fact is known. */
const TRUE_WHEN_MISSING = new Set([
  'notEqual',
  'notIn',
  'not:equal',
  'not:in',
  'swap:notEqual',
  'everyValue:notEqual',
  'someValue:notEqual',
  ...withDecorators(['not'], [...ORDER, ...OWN]),
]);

/** Whether a comparison with this operator can be true for a missing fact. */
export function matchesMissingFact(operator: string): boolean {
  return TRUE_WHEN_MISSING.has(operator);
}

/** The schema of an object that has these properties and no other. */
export function object(required: string[], properties: Schema, description?: string): Schema {
  return {
    type: 'object',
    ...(description ? { description } : {}),
    required,
    properties,
    additionalProperties: false,
  };
}

function when(condition: Schema, then: Schema, otherwise?: Schema): Schema {
  return { if: condition, then, ...(otherwise ? { else: otherwise } : {}) };
}

function has(key: string, schema: Schema): Schema {
  return { properties: { [key]: schema }, required: [key] };
}

/** Pattern of the id of a team's reason. */
export const TEAM_REASON = `^${TEAM_PREFIX}[a-z0-9]+(?:_[a-z0-9]+)*$`;

/** Whether a fact has the id of a reason. */
export function isReason(fact: string): boolean {
  return fact === 'reason' || fact === 'previousReason';
}

/** All values that a fact can have, without those of a team's catalogue; undefined when there is no closed list. */
export function valuesOfFact(fact: FactDefinition): readonly string[] | undefined {
  if (isReason(fact.name)) {
    return REASON_IDS;
  }
  return fact.name === 'previousCategory' ? CATEGORIES : fact.values;
}

/** The schema of the values of a fact. */
function factSchema(fact: FactDefinition): Schema {
  const values = valuesOfFact(fact);
  if (isReason(fact.name)) {
    // The loader checks that the team's catalogue has such a reason.
    return { anyOf: [{ enum: values }, { type: 'string', pattern: TEAM_REASON }] };
  }
  return values ? { enum: values } : { type: fact.type };
}

/** The schema of a fact in `given` of a test. */
export function givenSchema(fact: FactDefinition): Schema {
  return fact.format === 'time' && fact.type === 'number'
    ? { type: 'string', pattern: ISO_TIME.source }
    : factSchema(fact);
}

/** The schema of `value` for one value: another fact, or a plain value of the fact's type. */
function oneValue(schema: Schema): Schema {
  return {
    properties: {
      value: when({ type: 'object' }, { $ref: '#/$defs/otherFact' }, schema),
    },
  };
}

function listOf(schema: Schema): Schema {
  return { properties: { value: { type: 'array', minItems: 1, items: schema } } };
}

/** What rules may do with a fact. */
interface FactUse {
  /** Equality and lists of values; not for a time in ms, which no rule would name exactly. */
  exact: boolean;
  order: boolean;
  own: OperatorKind[];
}

function comparisonsFor(fact: FactDefinition): FactUse {
  const isTime = fact.format === 'time';
  const isText = fact.type === 'string' && !isTime && valuesOfFact(fact) === undefined;
  const own: [OperatorKind, boolean][] = [
    ['text', isText],
    ['address', fact.format === 'address'],
    ['time', isTime],
  ];
  return {
    exact: !(isTime && fact.type === 'number'),
    order: fact.type === 'number' && !isTime,
    own: own.filter(([, may]) => may).map(([kind]) => kind),
  };
}

/** All operators that a rule may use on a fact. */
export function operatorsOfFact(fact: FactDefinition): string[] {
  const { exact, order, own } = comparisonsFor(fact);
  const allowed = new Set([
    ...(exact ? [...EQUALITY_OPERATORS, ...LIST_OPERATORS] : []),
    ...(order ? [...ORDER_OPERATORS, ...ORDER_LIST_OPERATORS] : []),
    ...own.map(ownOperators).flatMap(({ one, list }) => [...one, ...list]),
  ]);
  return OPERATORS.filter((name) => allowed.has(name));
}

const TEXT: Schema = { type: 'string', minLength: 1 };

/** The schemas of `value` by operator, for facts of one use. The loader checks addresses and times. */
function branchesOf(names: Schema, schema: Schema, { exact, order, own }: FactUse): Schema[] {
  const ofGroup = (operators: readonly string[]): Schema => ({
    properties: { fact: names, operator: { enum: operators } },
    required: ['fact', 'operator'],
  });
  const branches: Schema[] = [];
  if (exact) {
    branches.push(
      when(ofGroup(EQUALITY_OPERATORS), oneValue(schema)),
      when(ofGroup(LIST_OPERATORS), listOf(schema)),
    );
  }
  if (order) {
    branches.push(
      when(ofGroup(ORDER_OPERATORS), oneValue(schema)),
      when(ofGroup(ORDER_LIST_OPERATORS), listOf(schema)),
    );
  }
  for (const kind of own) {
    const { one, list } = ownOperators(kind);
    branches.push(
      when(ofGroup(one), kind === 'text' ? oneValue(TEXT) : { properties: { value: TEXT } }),
      when(ofGroup(list), listOf(TEXT)),
    );
  }
  return branches;
}

/** Facts with the same schema and operators share one branch, so that the schema stays small. */
function valueBranches(): Schema[] {
  const groups = new Map<string, { names: string[]; fact: FactDefinition }>();
  for (const fact of FACT_CATALOGUE) {
    const key = JSON.stringify([factSchema(fact), comparisonsFor(fact)]);
    const group = groups.get(key) ?? { names: [], fact };
    group.names.push(fact.name);
    groups.set(key, group);
  }
  const named = [...groups.values()].map(({ names, fact }) => ({
    fact,
    names: { enum: names } as Schema,
  }));
  return [...named, { fact: DIRECTORY_COLUMN, names: { pattern: DIRECTORY_FACT } }].flatMap(
    ({ names, fact }) => [
      ...branchesOf(names, factSchema(fact), comparisonsFor(fact)),
      when(has('fact', names), { properties: { operator: { enum: operatorsOfFact(fact) } } }),
    ],
  );
}

/** The schema of `all`, `any` or `not`, with its priority and name. */
export function group(key: 'all' | 'any' | 'not', children: Schema): Schema {
  return object([key], {
    [key]: children,
    priority: { $ref: '#/$defs/conditionPriority' },
    name: { type: 'string' },
  });
}

/**
 * The schema of a condition. It selects by the key that is present, so that a mistake deep inside gives
 * one exact error.
 *
 * @param otherwise - for a condition without `all`, `any` and `not`
 */
export function conditionSchema(otherwise: Schema): Schema {
  const dispatch = (['all', 'any', 'not'] as const).reduceRight(
    (rest, key) => when({ required: [key] }, { $ref: `#/$defs/${key}` }, rest),
    otherwise,
  );
  return { type: 'object', ...dispatch };
}

/** The schema of the name of a fact: one of the catalogue, or a column of the directory. */
export function factNameSchema(more: Schema = {}): Schema {
  return when(
    { type: 'string', pattern: '^directory\\.' },
    { pattern: DIRECTORY_FACT },
    {
      enum: FACT_CATALOGUE.map((fact) => fact.name),
      ...more,
    },
  );
}

/** The description of a fact that editors show. */
export function factDescription(fact: FactDefinition): string {
  const unit = fact.unit ? ` (${fact.unit})` : '';
  const always = fact.always ? ' Always there.' : '';
  return `${fact.meaning}${unit}${always}`;
}

/** The schema of one comparison. Each fact allows its own operators and values. */
export function comparisonSchema(): Schema {
  return {
    ...object(['fact', 'operator', 'value'], {
      fact: {
        description: 'The fact to compare.',
        ...factNameSchema({ markdownEnumDescriptions: FACT_CATALOGUE.map(factDescription) }),
      },
      operator: { enum: OPERATORS, description: 'How to compare.' },
      value: { description: 'What to compare with: a value, a list, or {"fact": "…"}.' },
      priority: { $ref: '#/$defs/conditionPriority' },
      name: { type: 'string' },
    }),
    allOf: valueBranches(),
  };
}
