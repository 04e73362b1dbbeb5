import type { BreaksPage, BreaksPageRequest, Engine } from '../engine/engine.ts';
import type { BreakRecord } from '../model/break.ts';
import type { Language } from '../model/vocabulary.ts';
import { printCursor } from './breaks-cursor.ts';
import { showBreak } from './show-break.ts';

/** Records read at a time, so that 100,000 of them are never in memory as one text. */
const PAGE = 1_000;

/**
 * Writes `{"breaks": […], "next": …, "truncated": …}` piece by piece.
 *
 * The first page is read before this resolves, so that an error of the store still sets the HTTP status.
 *
 * @throws `STORE_FAILED`
 */
export async function writeBreaks(
  engine: Pick<Engine, 'breaks'>,
  request: BreaksPageRequest,
  language: Language,
): Promise<AsyncGenerator<string>> {
  // One record more shows whether there are further ones.
  const read = (after: BreaksPageRequest['after'], left: number) =>
    engine.breaks({ ...request, limit: Math.min(PAGE, left + 1), ...(after && { after }) });
  return pieces(await read(request.after, request.limit), request.limit, read, language);
}

async function* pieces(
  first: BreaksPage,
  limit: number,
  read: (after: BreaksPageRequest['after'], left: number) => Promise<BreaksPage>,
  language: Language,
): AsyncGenerator<string> {
  let page = first;
  let left = limit;
  let last: BreakRecord | undefined;
  let truncated = false;
  yield '{"breaks":[';
  for (;;) {
    const chosen = page.records.slice(0, left);
    if (chosen.length > 0) {
      const texts = chosen.map((record) => JSON.stringify(showBreak(record, page.texts, language)));
      yield `${last ? ',' : ''}\n${texts.join(',\n')}`;
      last = chosen.at(-1);
    }
    truncated = page.records.length > left;
    const asked = Math.min(PAGE, left + 1);
    left -= chosen.length;
    if (truncated || !last || page.records.length < asked) {
      break;
    }
    page = await read({ endedAt: last.event.endedAt, id: last.event.id }, left);
  }
  const next = truncated && last ? JSON.stringify(printCursor(last.event)) : 'null';
  yield `\n],"next":${next},"truncated":${truncated}}\n`;
}
