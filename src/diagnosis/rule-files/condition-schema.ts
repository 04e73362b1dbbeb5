/**
 * The part of the rule schema that is about conditions: operators, facts and their values.
 *
 * Rules may use the operators of json-rules-engine 7.3.1 that make sense for facts which are plain
 * values. `contains`, `doesNotContain`, `someFact:`, `everyFact:` and `swap:in` are left out, because
 * they would be false for every event or throw when a fact is missing.
 *
 * @module
 */
import { FACT_CATALOGUE, type FactDefinition } from '../../model/fact-catalogue.ts';
import { CATEGORIES } from '../../model/vocabulary.ts';
import { ALL_REASONS, TEAM_PREFIX } from '../../reasons/reason-catalogue.ts';

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

/** All operators that a rule may use, those without decorators first. */
export const OPERATORS: readonly string[] = [
  ...EQUALITY,
  ...MEMBERSHIP,
  ...ORDER,
  ...[...EQUALITY_OPERATORS, ...LIST_OPERATORS, ...ORDER_OPERATORS, ...ORDER_LIST_OPERATORS].filter(
    (name) => name.includes(':'),
  ),
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
  ...withDecorators(['not'], ORDER),
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
export function factSchema(fact: FactDefinition): Schema {
  const values = valuesOfFact(fact);
  if (isReason(fact.name)) {
    // The loader checks that the team's catalogue has such a reason.
    return { anyOf: [{ enum: values }, { type: 'string', pattern: TEAM_REASON }] };
  }
  return values ? { enum: values } : { type: fact.type };
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

/** Facts with the same schema share one branch, so that the schema stays small. */
function valueBranches(): Schema[] {
  const groups = new Map<string, { names: string[]; schema: Schema; type: string }>();
  for (const fact of FACT_CATALOGUE) {
    const schema = factSchema(fact);
    const key = JSON.stringify(schema);
    const group = groups.get(key) ?? { names: [], schema, type: fact.type };
    group.names.push(fact.name);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ names, schema, type }) => {
    const ofGroup = (operators: readonly string[]): Schema => ({
      properties: { fact: { enum: names }, operator: { enum: operators } },
      required: ['fact', 'operator'],
    });
    const branches = [
      when(ofGroup(EQUALITY_OPERATORS), oneValue(schema)),
      when(ofGroup(LIST_OPERATORS), listOf(schema)),
    ];
    if (type === 'number') {
      return [
        ...branches,
        when(ofGroup(ORDER_OPERATORS), oneValue(schema)),
        when(ofGroup(ORDER_LIST_OPERATORS), listOf(schema)),
      ];
    }
    const order = [...ORDER_OPERATORS, ...ORDER_LIST_OPERATORS];
    return [
      ...branches,
      when(has('fact', { enum: names }), {
        properties: { operator: { enum: OPERATORS.filter((name) => !order.includes(name)) } },
      }),
    ];
  });
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
        enum: FACT_CATALOGUE.map((fact) => fact.name),
        description: 'The fact to compare.',
        markdownEnumDescriptions: FACT_CATALOGUE.map(factDescription),
      },
      operator: { enum: OPERATORS, description: 'How to compare.' },
      value: { description: 'What to compare with: a value, a list, or {"fact": "…"}.' },
      priority: { $ref: '#/$defs/conditionPriority' },
      name: { type: 'string' },
    }),
    allOf: valueBranches(),
  };
}
