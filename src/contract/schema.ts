import Type, { type TProperties, type TSchema } from 'typebox';

/** A JSON object with these fields and no others. */
export function object<P extends TProperties>(properties: P, title?: string) {
  return Type.Object(properties, {
    additionalProperties: false,
    ...(title === undefined ? {} : { title }),
  });
}

/** One value of a closed list of strings. */
export function oneOf<const T extends readonly string[]>(list: T, description?: string) {
  return Type.Unsafe<T[number]>({
    type: 'string',
    enum: [...list],
    ...(description === undefined ? {} : { description }),
  });
}

/** The value, or null when it is unknown. */
export function nullable<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}

/** A time: epoch milliseconds UTC. */
export const Time = Type.Number({ description: 'Epoch milliseconds UTC.' });

/** A count: a whole number of at least 0. */
export const Count = Type.Integer({ minimum: 0 });

/** A whole number of at least 1; larger values are reduced to `maximum`. */
export function limit(maximum: number, description: string) {
  return Type.Integer({ minimum: 1, maximum, description, 'x-reduce': true });
}

/**
 * Whether two types have the same fields of the same types. `true satisfies Equal<A, B>` fails to compile
 * when a type of the model and its schema differ.
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
