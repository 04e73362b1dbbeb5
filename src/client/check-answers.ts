import type { AnswerError, EngineHealth, QueryAnswer, QueryResponse } from '../model/query.ts';

type Json = Record<string, unknown>;

const FIELD_TYPES = ['time', 'number', 'string', 'boolean', 'json'];

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells whether a value is an error as answers carry it. */
export function isAnswerError(value: unknown): value is AnswerError {
  return (
    isObject(value) &&
    ['code', 'message', 'remedy'].every((name) => typeof value[name] === 'string')
  );
}

/**
 * Checks the answer to a query request, so that a proxy's page or a server of another age can not
 * pass for one.
 *
 * @param refIds - of the request; each must be answered
 * @throws Error naming what is wrong
 */
export function checkQueryResponse(body: unknown, refIds: readonly string[]): QueryResponse {
  if (!isObject(body) || !isObject(body.results)) {
    throw new Error('results are missing');
  }
  const { results } = body;
  return {
    results: Object.fromEntries(
      refIds.map((refId) => [
        refId,
        checkAnswer(Object.hasOwn(results, refId) ? results[refId] : undefined, refId),
      ]),
    ),
  };
}

function checkAnswer(answer: unknown, refId: string): QueryAnswer {
  if (!isObject(answer)) {
    throw new Error(`query ${refId} is not answered`);
  }
  if (isAnswerError(answer.error)) {
    return { error: answer.error };
  }
  if (!Array.isArray(answer.frames)) {
    throw new Error(`query ${refId} has neither frames nor an error`);
  }
  answer.frames.forEach((frame: unknown, index) => {
    checkFrame(frame, `frame ${index} of query ${refId}`);
  });
  return answer as QueryAnswer;
}

function checkFrame(frame: unknown, name: string): void {
  if (!isObject(frame) || typeof frame.name !== 'string' || !Array.isArray(frame.fields)) {
    throw new Error(`${name} is no frame`);
  }
  let length: number | undefined;
  for (const field of frame.fields as unknown[]) {
    if (
      !isObject(field) ||
      typeof field.name !== 'string' ||
      !FIELD_TYPES.includes(field.type as string) ||
      !Array.isArray(field.values)
    ) {
      throw new Error(`${name} has a field that is none`);
    }
    length ??= field.values.length;
    if (field.values.length !== length) {
      throw new Error(`${name} has fields of different length`);
    }
  }
}

/** Checks an answer of `/api/v1/values/…`. @throws Error naming what is wrong */
export function checkValues(body: unknown): string[] {
  if (!isObject(body) || !Array.isArray(body.values)) {
    throw new Error('values are missing');
  }
  if (!body.values.every((value) => typeof value === 'string')) {
    throw new Error('a value is no text');
  }
  return body.values as string[];
}

/** Checks an answer of `/api/v1/health`. @throws Error naming what is wrong */
export function checkHealth(body: unknown): EngineHealth {
  if (
    !isObject(body) ||
    typeof body.ok !== 'boolean' ||
    typeof body.version !== 'string' ||
    !Array.isArray(body.accounts) ||
    !isObject(body.rules) ||
    !isObject(body.store)
  ) {
    throw new Error('this is no health of Breakwatch');
  }
  return body as unknown as EngineHealth;
}
