import type { FactValue } from '../../model/facts.ts';
import { FULL_WIDTH, isMeantFor, PUSH_PARAMS } from './misread-parts.ts';
import { parsePairs } from './parse-push-url.ts';

/** How HTML, JSON and URLs write `&` and `=`, before or after a name that CSS reads. */
const ESCAPED = /(&amp;|\\u0026|%26|%3F)(?=tx(?:secret|time))|(?<=tx(?:secret|time))(%3D|\\u003d)/i;

/**
 * Finds what keeps CSS from reading txSecret or txTime in a push URL: a full-width or escaped sign, a misspelled name, a
 * name without a value, or `0x` before the digits of txTime. It is a sign, a name or both, and never holds a value.
 *
 * @param streamParam - query of the push URL; null when it is not known
 * @param stream - StreamName, of which the query becomes a part after a full-width `？`
 * @returns `pushUrlMisread` and `pushUrlMistake`; no facts when nothing was found
 */
export function deriveUrlMistake(
  streamParam: string | null,
  stream: string,
): Record<string, FactValue> {
  const found =
    (/tx(?:secret|time)/i.test(stream) ? FULL_WIDTH.exec(stream)?.[0] : undefined) ??
    (streamParam === null ? undefined : mistakeOf(streamParam));
  return found === undefined ? {} : { pushUrlMisread: true, pushUrlMistake: found };
}

function mistakeOf(query: string): string | undefined {
  const sign = FULL_WIDTH.exec(query)?.[0] ?? ESCAPED.exec(query)?.slice(1).find(Boolean);
  if (sign !== undefined) {
    return sign;
  }
  const pairs = parsePairs(query.split(/[?&,;]/)).map(({ name, value }) => ({
    name: name.trim(),
    value: value.trim(),
  }));
  const isRead = (name: string) => PUSH_PARAMS.some((param) => param === name);
  const missing = PUSH_PARAMS.filter((param) => !pairs.some(({ name }) => name === param));
  const misspelled = pairs.find(
    ({ name }) =>
      /^[a-z._-]{4,20}$/i.test(name) &&
      !isRead(name) &&
      missing.some((param) => isMeantFor(name, param)),
  );
  const empty = pairs.find(({ name, value }) => isRead(name) && value === '');
  const time = pairs.find(({ name }) => name === 'txTime')?.value ?? '';
  return (
    misspelled?.name ?? (empty && `${empty.name}=`) ?? (/^0x/i.test(time) ? 'txTime=0x' : undefined)
  );
}
