import { CATEGORY_COLOURS } from '../model/colours.ts';
import type { Cell, Field, FieldType, Frame, FrameMeta } from '../model/frame.ts';
import type { AnnotationsQuery } from '../model/query.ts';
import { streamLabel } from '../model/stream-label.ts';
import type { Language } from '../model/vocabulary.ts';
import type { BreakSearch, TimeRange } from '../store/store.ts';
import { createWording, type Wording } from './create-wording.ts';
import { filtersWithOutcome } from './filters-with-outcome.ts';
import { answerGaps } from './gap-annotations.ts';
import { mergeByCategory, mergeByStream, type Region, regionOf } from './merge-regions.ts';
import { ANNOTATIONS_LIMIT } from './parse-query.ts';
import { printSteps } from './print-steps.ts';
import type { QueryContext } from './query-context.ts';

/** Breaks read at a time and in all; beyond that a picture tells nothing more. */
const PAGE = 5_000;
const MOST_READ = 50_000;
/** Regions closer than this part of the range can not be told apart on a screen. */
const PARTS_OF_RANGE = 500;
const TITLE_LENGTH = 80;

/** The few words around a cause when a region stands for several breaks. */
const COUNTS: Record<
  Language,
  { more: (count: number) => string; sum: (breaks: number, streams: number) => string }
> = {
  en: {
    more: (count) => `+${count} more`,
    sum: (breaks, streams) =>
      `${breaks} breaks of ${streams} ${streams === 1 ? 'stream' : 'streams'}.`,
  },
  zh: {
    more: (count) => `+${count} 次`,
    sum: (breaks, streams) => `${streams} 路流共断流 ${breaks} 次。`,
  },
  ja: {
    more: (count) => `+${count} 件`,
    sum: (breaks, streams) => `${streams} ストリームで中断 ${breaks} 件。`,
  },
  ko: {
    more: (count) => `+${count}건`,
    sum: (breaks, streams) => `스트림 ${streams}개에서 중단 ${breaks}건.`,
  },
};

/**
 * Answers an annotations query: every break that touches the range, also one that began before it,
 * as a region from break to recovery. Regions of the same stream and cause that touch are merged;
 * when there are still more than the limit, those of a category are merged by stretches of time.
 * With `gaps` it is answered with the times of which no data was collected.
 *
 * @throws `STORE_FAILED`
 */
export async function answerAnnotations(
  query: AnnotationsQuery,
  range: TimeRange,
  context: QueryContext,
  signal?: AbortSignal,
): Promise<Frame[]> {
  if (query.gaps) {
    return answerGaps(query, range, context);
  }
  const limit = query.limit ?? ANNOTATIONS_LIMIT.usual;
  const language = query.language ?? 'en';
  const search = { range, filters: filtersWithOutcome(query.filters), by: 'overlap' } as const;
  const { regions: found, complete } = await readRegions(search, context, signal);
  const gap = Math.max(1_000, (range.to - range.from) / PARTS_OF_RANGE);
  const ofStreams = mergeByStream(found, gap);
  const regions = ofStreams.length > limit ? mergeByCategory(ofStreams, limit) : ofStreams;
  const wording = await createWording(
    regions.map((region) => region.record),
    context.texts,
    language,
  );
  const meta: FrameMeta = { dataTopic: 'annotations' };
  if (!complete) {
    meta.notices = [
      {
        severity: 'warning',
        text: `Only the newest ${MOST_READ} breaks are drawn. Narrow the time range or the filters.`,
      },
    ];
  }
  const rows = regions.map((region) => ({ region, words: wording(region.record) }));
  const column = (
    name: string,
    type: FieldType,
    cell: (region: Region, words: Wording) => Cell,
  ): Field => ({ name, type, values: rows.map(({ region, words }) => cell(region, words)) });
  return [
    {
      name: 'annotations',
      meta,
      fields: [
        column('time', 'time', (region) => region.start),
        column('timeEnd', 'time', (region) => region.end),
        column('isRegion', 'boolean', (region) => region.end > region.start),
        column('title', 'string', (region, words) => titleOf(region, words, language)),
        column('text', 'string', (region, words) => textOf(region, words, language)),
        column('tags', 'string', tagsOf),
        column('color', 'string', ({ record }) => CATEGORY_COLOURS[record.verdict.category]),
        column('id', 'string', (region) => region.record.event.id),
      ],
    },
  ];
}

async function readRegions(
  search: Omit<BreakSearch, 'limit'>,
  { store, now }: QueryContext,
  signal: AbortSignal | undefined,
): Promise<{ regions: Region[]; complete: boolean }> {
  const regions: Region[] = [];
  let after: BreakSearch['after'];
  while (regions.length < MOST_READ) {
    signal?.throwIfAborted();
    const page = await store.findBreaks({ ...search, limit: PAGE, ...(after && { after }) });
    for (const record of page) {
      regions.push(regionOf(record, search.range, now()));
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) {
      return { regions, complete: true };
    }
    after = { endedAt: last.event.endedAt, id: last.event.id };
  }
  return { regions, complete: false };
}

function titleOf({ causes, count, streams }: Region, words: Wording, language: Language): string {
  const cause = firstSentence(words.cause);
  if (count === 1) {
    return cause;
  }
  return causes.size === 1 && streams.size === 1
    ? `${cause} ×${count}`
    : `${cause} ${COUNTS[language].more(count - 1)}`;
}

function textOf({ count, streams }: Region, words: Wording, language: Language): string {
  const sum = count > 1 ? [COUNTS[language].sum(count, streams.size)] : [];
  return [words.cause, printSteps(words.fix), ...sum].filter((line) => line !== '').join('\n');
}

/** Tags with commas between, so no tag may hold one. Stream and domain only where there is but one. */
function tagsOf({ record, streams, domains }: Region): string {
  const { event, verdict } = record;
  return [
    verdict.category,
    verdict.severity,
    ...(streams.size === 1 ? [event.stream, streamLabel(event.facts)?.name ?? []].flat() : []),
    ...(domains.size === 1 ? [event.domain] : []),
  ]
    .map((tag) => tag.replaceAll(',', ' '))
    .join(',');
}

/** A cause's first sentence without its full stop, cut to a title's length. */
function firstSentence(cause: string): string {
  const sentence = /^.*?(?=[.!?](?:\s|$)|[。！？\n]|$)/su.exec(cause)?.[0] ?? cause;
  const letters = [...sentence];
  return letters.length > TITLE_LENGTH
    ? `${letters.slice(0, TITLE_LENGTH - 1).join('')}…`
    : sentence;
}
