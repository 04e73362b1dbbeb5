import type { Frame } from '../model/frame.ts';
import type { QueryAnswer, QueryResponse } from '../model/query.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { ValuesEncoder } from './encode-values.ts';
import { partsOfFrames } from './grafana/encode-frames.ts';
import { shapeForAlert } from './grafana/shape-for-alert.ts';

/**
 * How an answer is encoded: `columns` is the answer of `POST /api/v1/query`. The others are Grafana's frames of
 * the only query of a request; `alert-frames` has only what an alert rule can evaluate.
 */
export type AnswerFormat = 'columns' | 'frames' | 'alert-frames';

/** Characters after which a piece is complete. */
const PIECE_LENGTH = 128 * 1024;

/**
 * Encodes an answer as JSON in UTF-8, piece by piece. Each piece has a buffer of its own, which may move to
 * another thread. The last piece is the value that the generator returns.
 *
 * @param maxBytes - maximum size of all pieces together
 * @param format - how it is encoded
 * @throws `QUERY_TOO_LARGE` at the piece that exceeds the size
 */
export function* encodeResponse(
  response: QueryResponse,
  maxBytes: number = Number.POSITIVE_INFINITY,
  format: AnswerFormat = 'columns',
): Generator<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let size = 0;
  const encode = (text: string) => {
    const piece = encoder.encode(text);
    size += piece.byteLength;
    if (size > maxBytes) {
      throw maskedError('QUERY_TOO_LARGE', {
        problem: `as JSON it has more than ${maxBytes} bytes`,
      });
    }
    return piece;
  };
  let text = '';
  for (const part of format === 'columns' ? partsOf(response) : partsOfOnly(response, format)) {
    text += part;
    if (text.length >= PIECE_LENGTH) {
      yield encode(text);
      text = '';
    }
  }
  return encode(text);
}

/** The answer to the only query: its frames, or its error as the body of an answer. */
function* partsOfOnly(
  { results }: QueryResponse,
  format: Exclude<AnswerFormat, 'columns'>,
): Generator<string> {
  const [[refId, answer]] = Object.entries(results) as [[string, QueryAnswer]];
  if ('error' in answer) {
    yield JSON.stringify(answer);
  } else {
    const { frames } = answer;
    yield* partsOfFrames(format === 'alert-frames' ? shapeForAlert(frames) : frames, refId);
  }
}

function* partsOf({ results }: QueryResponse): Generator<string> {
  yield '{"results":{';
  let comma = '';
  const encoder = new ValuesEncoder();
  for (const [refId, answer] of Object.entries(results)) {
    yield `${comma}${JSON.stringify(refId)}:`;
    comma = ',';
    if ('error' in answer) {
      yield JSON.stringify(answer);
      continue;
    }
    yield '{"frames":[';
    for (const [index, frame] of answer.frames.entries()) {
      yield* partsOfFrame(frame, index === 0 ? '' : ',', encoder);
    }
    yield ']}';
  }
  yield '}}';
}

function* partsOfFrame(
  { fields, ...rest }: Frame,
  comma: string,
  encoder: ValuesEncoder,
): Generator<string> {
  const head = JSON.stringify(rest).slice(0, -1);
  yield `${comma}${head}${head.length > 1 ? ',' : ''}"fields":[`;
  for (const [index, { values, ...field }] of fields.entries()) {
    yield `${index === 0 ? '' : ','}${JSON.stringify(field).slice(0, -1)},"values":[`;
    yield* encoder.partsOf({ type: field.type, values });
    yield ']}';
  }
  yield ']}';
}
