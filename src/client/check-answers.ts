import Type from 'typebox';
import { checkAnswer } from '../contract/check-answer.ts';
import { ErrorAnswer, FrameSchema } from '../contract/query.ts';
import type { Frame } from '../model/frame.ts';
import type { QueryAnswer, QueryResponse } from '../model/query.ts';

const Results = Type.Object({ results: Type.Record(Type.String(), Type.Unknown()) });
/**
 * The parts of a frame without which it cannot be shown. A server of another version may have other
 * metadata, labels or configuration; that must not fail the query.
 */
const Frames = Type.Object({
  frames: Type.Array(
    Type.Object({
      name: FrameSchema.properties.name,
      fields: Type.Array(
        Type.Pick(FrameSchema.properties.fields.items, ['name', 'type', 'values']),
      ),
    }),
  ),
});

/**
 * Checks the answer to a query request.
 *
 * @param refIds - of the request; each must be answered
 * @throws Error naming what is wrong
 */
export function checkQueryResponse(body: unknown, refIds: readonly string[]): QueryResponse {
  const { results } = checkAnswer(Results, body);
  return {
    results: Object.fromEntries(
      refIds.map((refId) => [
        refId,
        readAnswer(Object.hasOwn(results, refId) ? results[refId] : undefined, refId),
      ]),
    ),
  };
}

function readAnswer(answer: unknown, refId: string): QueryAnswer {
  const given = typeof answer === 'object' && answer !== null ? answer : {};
  if (!('frames' in given || 'error' in given)) {
    throw new Error(`query ${refId} has neither frames nor an error`);
  }
  try {
    if ('error' in given) {
      return { error: checkAnswer(ErrorAnswer, given).error };
    }
    const { frames } = checkAnswer(Frames, given) as { frames: Frame[] };
    frames.forEach(({ fields }, index) => {
      if (fields.some(({ values }) => values.length !== fields[0]?.values.length)) {
        throw new Error(`frames[${index}] has fields of different length`);
      }
    });
    return { frames };
  } catch (thrown) {
    throw new Error(`query ${refId}: ${(thrown as Error).message}`);
  }
}
