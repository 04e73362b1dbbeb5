import type { TObject, TSchema } from 'typebox';
import { ERROR_CATALOGUE, type ErrorCode } from '../model/error-catalogue.ts';
import { ErrorAnswer } from './query.ts';
import { ROUTES, type Route } from './routes.ts';

type Json = Record<string, unknown>;

/**
 * Builds the OpenAPI 3.1 document of all routes.
 *
 * @param version - version of Breakwatch
 */
export function buildOpenApi(version: string): Json {
  const components: Record<string, Json> = {};
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries(ROUTES) as [string, Route][]) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: operation(name, route, components),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Breakwatch',
      version,
      description: 'Times in answers are epoch milliseconds UTC. docs/api.md explains each route.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        basic: {
          type: 'http',
          scheme: 'basic',
          description: 'Any user name, the token as password.',
        },
      },
    },
  };
}

function operation(name: string, route: Route, components: Record<string, Json>): Json {
  const isAnswer = { isOpen: true, components };
  const isRequest = { isOpen: false, components };
  const content = route.answer
    ? { 'application/json': { schema: print(route.answer, isAnswer) } }
    : { [route.answerType ?? 'text/plain']: {} };
  const responses: Json = { 200: { description: 'Done.', content } };
  if (name === 'ready') {
    responses[503] = { description: 'Not ready.', content };
  }
  for (const [status, codes] of byStatus(route.errors)) {
    responses[status] ??= {
      description: codes.map((code) => `${code}: ${ERROR_CATALOGUE[code].message}`).join('\n\n'),
      content: {
        'application/json': {
          schema: {
            ...print(ErrorAnswer, isAnswer),
            properties: { error: { properties: { code: { enum: codes } } } },
          },
        },
      },
    };
  }
  const parameters = [
    ...parametersOf(route.params, 'path', isRequest),
    ...parametersOf(route.query, 'query', isRequest),
  ];
  return {
    operationId: name,
    summary: route.summary,
    ...(route.isGuarded ? { description: `Needs a token with the role \`${route.role}\`.` } : {}),
    security: route.isGuarded ? [{ bearer: [] }, { basic: [] }] : [],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body || route.bodyType
      ? {
          requestBody: {
            required: true,
            content: {
              [route.bodyType ?? 'application/json']: {
                schema: route.body ? print(route.body, isRequest) : { type: 'string' },
              },
            },
          },
        }
      : {}),
    responses,
  };
}

function byStatus(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  const found = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = ERROR_CATALOGUE[code];
    found.set(status, [...(found.get(status) ?? []), code]);
  }
  return new Map([...found].sort(([a], [b]) => a - b));
}

function parametersOf(schema: TObject, where: string, options: Options): Json[] {
  const { properties, required = [] } = schema as {
    properties: Record<string, TSchema>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, field]) => ({
    name,
    in: where,
    required: required.includes(name),
    // One parameter contains all values of a filter, separated by commas.
    ...((field as { type?: string }).type === 'array' ? { style: 'form', explode: false } : {}),
    schema: print(field, options),
  }));
}

interface Options {
  /** Whether unknown fields are allowed. Answers allow them, because later versions may add fields. */
  isOpen: boolean;
  components: Record<string, Json>;
}

/** Converts a schema to JSON. A schema with a title becomes a component and is replaced by a reference. */
function print(schema: unknown, options: Options): Json {
  const { title, ...rest } = schema as Json & { title?: string };
  if (title === undefined) {
    return printFields(rest, options);
  }
  if (!options.components[title]) {
    // Set before its fields are printed, because a schema may refer to itself.
    options.components[title] = {};
    options.components[title] = printFields(rest, options);
  }
  return { $ref: `#/components/schemas/${title}` };
}

function printFields(schema: Json, options: Options): Json {
  const printed: Json = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'properties' || keyword === 'patternProperties') {
      printed[keyword] = Object.fromEntries(
        Object.entries(value as Json).map(([name, field]) => [name, print(field, options)]),
      );
    } else if (keyword === 'items' || (keyword === 'additionalProperties' && value !== false)) {
      printed[keyword] = value === true ? true : print(value, options);
    } else if (keyword === 'anyOf') {
      printed[keyword] = (value as unknown[]).map((branch) => print(branch, options));
    } else if (!(keyword === 'additionalProperties' && options.isOpen) && keyword !== 'x-reduce') {
      printed[keyword] = value;
    }
  }
  return printed;
}
