import { maskedError } from '../secrets/masked-error.ts';

/**
 * Parses a body as JSON. The error names the position but never quotes the body, as the message of
 * JSON.parse does: a callback's body holds its sign.
 *
 * @throws `BAD_JSON`
 */
export function parseJsonBody(body: unknown): unknown {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  if (bytes.length === 0) {
    throw maskedError('BAD_JSON', { problem: 'it is empty.' });
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw maskedError('BAD_JSON', { problem: 'it is compressed with gzip.' });
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw maskedError('BAD_JSON', { problem: 'it is not UTF-8.' });
  }
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const place = /at position (\d+)/.exec((thrown as Error).message)?.[1];
    const problem = place ? `syntax error at character ${place}.` : 'it is cut off or not JSON.';
    throw maskedError('BAD_JSON', { problem });
  }
}
