import { ANNOTATIONS_LIMIT } from '../../contract/limits.ts';
import type { Frame } from '../../model/frame.ts';
import type { AnnotationsQuery, QueryRequest } from '../../model/query.ts';
import { filtersWithOutcome } from '../parse-request.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import { annotationTable } from './annotation-table.ts';
import { breakAnnotations } from './break-annotations.ts';
import { answerGaps } from './gap-annotations.ts';
import { incidentAnnotations } from './incident-annotations.ts';

/** Pixels of a chart that has room for as many regions as the limit says, also when its width is not known. */
const DEFAULT_PIXELS = 1_400;
/** A dashed border takes so many pixels. Borders that are closer look like one. */
const BORDER_PIXELS = 3;

/**
 * Answers an annotations query with a region for every incident that overlaps the range, even if it started
 * earlier. With `breaks` it has a region for every break instead, and with `gaps` the gaps in collection.
 * Regions that look like one on the caller's screen are merged, and more until they fit into the limit. A narrow
 * screen, such as a phone's, has room for fewer.
 *
 * @throws `STORE_FAILED`
 */
export async function answerAnnotations(
  query: AnnotationsQuery,
  { from, to, maxDataPoints = DEFAULT_PIXELS }: Pick<QueryRequest, 'from' | 'to' | 'maxDataPoints'>,
  context: QueryContext,
  signal?: StopSignal,
): Promise<Frame[]> {
  const range = { from, to };
  if (query.gaps) {
    return answerGaps(query, range, context);
  }
  const language = query.language ?? 'en';
  const wanted = query.limit ?? ANNOTATIONS_LIMIT.defaultValue;
  const limit = Math.ceil(wanted * Math.min(1, maxDataPoints / DEFAULT_PIXELS));
  const gapMs = ((to - from) / maxDataPoints) * BORDER_PIXELS;
  const found = query.breaks
    ? await breakAnnotations(
        { range, filters: filtersWithOutcome(query.filters), limit, gapMs },
        language,
        context,
        signal,
      )
    : await incidentAnnotations(query, { range, limit, gapMs }, context, signal);
  return [annotationTable(found)];
}
