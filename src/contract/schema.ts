import Type, { type TProperties, type TSchema } from 'typebox';

/** A JSON object with exactly these fields. */
export function object<P extends TProperties>(properties: P, title?: string) {
  return Type.Object(properties, {
    additionalProperties: false,
    ...(title === undefined ? {} : { title }),
  });
}

/** One of a closed list of strings. */
export function oneOf<const T extends readonly string[]>(list: T, description?: string) {
  return Type.Unsafe<T[number]>({
    type: 'string',
    enum: [...list],
    ...(description === undefined ? {} : { description }),
  });
}

/** The value, or null where it is not known. */
export function nullable<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}

/** A moment: epoch milliseconds UTC. */
export const Time = Type.Number({ description: 'Epoch milliseconds UTC.' });

/** A number of things: whole and not negative. */
export const Count = Type.Integer({ minimum: 0 });

/** A whole number of at least 1; larger values are reduced to `maximum`. */
export function limit(maximum: number, description: string) {
  return Type.Integer({ minimum: 1, maximum, description, 'x-reduce': true });
}

/**
 * Whether two types have the same fields of the same types. `true satisfies Equal<A, B>` fails to
 * compile when a type of model and the schema that repeats it differ.
 */
export type Equal<A, B> =
  (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

/** The type without `readonly`, with interfaces and intersections written out. */
type Plain<T> = T extends readonly [unknown, ...unknown[]]
  ? { -readonly [K in keyof T]: Plain<T[K]> }
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { -readonly [K in keyof T]: Plain<T[K]> }
      : T;
