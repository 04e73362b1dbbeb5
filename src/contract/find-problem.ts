import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import { nearestName } from '../model/errors.ts';

/** Describes why a value does not match its schema. */
export interface Problem {
  /** Path of the field, e.g. `queries[0].limit`; empty for the whole value. */
  field: string;
  /** The problem without a full stop, e.g. `must be true or false`. */
  problem: string;
}

/** Shortens a value from outside for a message, and masks the secrets in it. */
export type Quote = (text: string) => string;

const MAX_LISTED = 12;

// `verbose` adds the part of the schema that failed to the error.
const ajv = new Ajv({ verbose: true, strict: false });
const validators = new WeakMap<TSchema, ValidateFunction>();

/**
 * Checks a value. Each schema is compiled once, at its first use.
 *
 * @returns the first problem, or null when the value is valid
 */
export function findProblem(schema: TSchema, value: unknown, quote: Quote): Problem | null {
  const validate = validatorOf(schema);
  return validate(value) ? null : explain(mainError(validate.errors ?? []), quote);
}

/** Compiles a schema before its first value comes, which takes 10 to 50 ms. */
export function compileSchema(schema: TSchema): void {
  validatorOf(schema);
}

/** Ajv keeps each schema that it compiled for good, so a schema must not be created for each value. */
function validatorOf(schema: TSchema): ValidateFunction {
  let validate = validators.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    validators.set(schema, validate);
  }
  return validate;
}

/** Chooses the error to report. A nullable value fails as a union, so its inner error says more. */
function mainError(errors: readonly ErrorObject[]): ErrorObject {
  const union = errors.find(({ keyword }) => keyword === 'anyOf');
  if (!union) {
    return errors[0] as ErrorObject;
  }
  const branches = union.schema as TSchema[];
  const isNullable = branches.length === 2 && branchType(branches[1]) === 'null';
  const inside = errors.find(({ schemaPath }) => schemaPath.startsWith(`${union.schemaPath}/0/`));
  return isNullable && inside ? inside : union;
}

function branchType(schema: unknown): string {
  const { type, const: literal } = (schema ?? {}) as { type?: string; const?: unknown };
  return literal === undefined ? (type ?? 'value') : JSON.stringify(literal);
}

function explain(error: ErrorObject, quote: Quote): Problem {
  const { keyword, data } = error;
  const schema = (error.parentSchema ?? {}) as Record<string, unknown>;
  const pointer = error.instancePath.split('/').slice(1).map(unescapePart);
  const field = fieldName(pointer);
  switch (keyword) {
    case 'additionalProperties': {
      const name = String(error.params.additionalProperty);
      const known = Object.keys((schema.properties ?? {}) as object);
      const nearest = nearestName(name, known);
      return {
        field: fieldName([...pointer, quote(name)]),
        problem: nearest
          ? `is unknown; did you mean ${nearest}?`
          : `is unknown; known: ${known.join(', ')}`,
      };
    }
    case 'required':
      return {
        field: fieldName([...pointer, String(error.params.missingProperty)]),
        problem: 'is missing',
      };
    case 'enum':
      return {
        field: listFieldName(pointer),
        problem: notOneOf(data, error.schema as unknown[], quote),
      };
    case 'const':
      return { field, problem: notOneOf(data, [error.schema], quote) };
    case 'minLength':
    case 'maxLength':
      return { field: listFieldName(pointer), problem: wrongLength(schema) };
    case 'maxItems':
      return {
        field,
        problem: `has ${(data as unknown[]).length} values; the maximum is ${error.params.limit}`,
      };
    case 'minItems':
      return { field, problem: 'must not be empty' };
    case 'uniqueItems':
      return { field, problem: 'has the same value twice' };
    case 'pattern':
      return {
        field,
        problem: `must be ${schema.description ?? `like ${schema.pattern}`}; got ${printValue(data, quote)}`,
      };
    case 'anyOf': {
      const types = (error.schema as unknown[]).map(branchType);
      return { field, problem: `must be ${withArticle(types)}, not ${kindOf(data)}` };
    }
    case 'type':
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
      return explainType(schema, data, pointer, quote);
    default:
      return { field, problem: error.message ?? 'is not valid' };
  }
}

function explainType(
  schema: Record<string, unknown>,
  data: unknown,
  pointer: readonly string[],
  quote: Quote,
): Problem {
  const field = fieldName(pointer);
  switch (schema.type) {
    case 'integer':
    case 'number': {
      const what = schema.type === 'integer' ? 'a whole number' : 'a number';
      const bounds =
        schema.minimum === undefined
          ? ''
          : schema.maximum === undefined
            ? ` of at least ${schema.minimum}`
            : ` from ${schema.minimum} to ${schema.maximum}`;
      return { field, problem: `must be ${what}${bounds}; got ${printValue(data, quote)}` };
    }
    case 'boolean':
      return { field, problem: 'must be true or false' };
    case 'string':
      return /^\d+$/.test(pointer.at(-1) ?? '')
        ? {
            field: listFieldName(pointer),
            problem: `must be a string or a list of strings, not ${kindOf(data)}`,
          }
        : { field, problem: `must be a string, not ${kindOf(data)}` };
    case 'array':
      return { field, problem: `must be a list, not ${kindOf(data)}` };
    default:
      return {
        field,
        problem: `must be ${withArticle([String(schema.type)])}, not ${kindOf(data)}`,
      };
  }
}

function wrongLength({ minLength = 0, maxLength }: { minLength?: number; maxLength?: number }) {
  if (maxLength === undefined) {
    return 'must not be empty';
  }
  return minLength > 0
    ? `must be a string of ${minLength} to ${maxLength} characters`
    : `is longer than ${maxLength} characters`;
}

function notOneOf(value: unknown, allowed: readonly unknown[], quote: Quote): string {
  const words = allowed.map(String);
  const nearest = typeof value === 'string' ? nearestName(value, words) : undefined;
  if (nearest) {
    return `is ${printValue(value, quote)}; did you mean ${nearest}?`;
  }
  const list =
    words.length > MAX_LISTED ? `${words.slice(0, MAX_LISTED).join(', ')}, …` : words.join(', ');
  const choice = words.length === 1 ? list : `one of ${list}`;
  return `must be ${choice}; got ${printValue(value, quote)}`;
}

function printValue(value: unknown, quote: Quote): string {
  return typeof value === 'string'
    ? `"${quote(value)}"`
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : kindOf(value);
}

/** A request may send one value for a list of one, so its field is named without an index. */
function listFieldName(pointer: readonly string[]): string {
  return fieldName(/^\d+$/.test(pointer.at(-1) ?? '') ? pointer.slice(0, -1) : pointer);
}

function fieldName(pointer: readonly string[]): string {
  return pointer.reduce(
    (path, part) =>
      /^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`,
    '',
  );
}

function unescapePart(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

function withArticle(types: readonly string[]): string {
  return types
    .map((type) =>
      type === 'object'
        ? 'an object'
        : type === 'array'
          ? 'a list'
          : type === 'null'
            ? type
            : `a ${type}`,
    )
    .join(' or ');
}

/** The kind of a JSON value, with its article. */
export function kindOf(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (value === undefined) {
    return 'missing';
  }
  return Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'an object'
      : `a ${typeof value}`;
}
