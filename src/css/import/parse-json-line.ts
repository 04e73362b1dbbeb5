import { maskedError } from '../../secrets/masked-error.ts';

/**
 * Parses one line as JSON. The error tells the place and never quotes the line, which may hold a
 * secret.
 *
 * @throws `BAD_JSON`
 */
export function parseJsonLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const place = /at position (\d+)/.exec((thrown as Error).message)?.[1];
    throw maskedError('BAD_JSON', {
      problem: place ? `wrong at character ${place}.` : 'it ends too early or is no JSON.',
    });
  }
}
