import { ANNOTATIONS_LIMIT } from '../../contract/limits.ts';
import { showInvisible } from '../../model/card/segments.ts';
import type { Cell, Field, FieldType, Frame, FrameMeta } from '../../model/frame.ts';
import { streamLabel } from '../../model/push.ts';
import type { AnnotationsQuery } from '../../model/query.ts';
import { CATEGORY_COLOURS, type Language } from '../../model/vocabulary.ts';
import type { TimeRange } from '../../store/store.ts';
import { createWording, type Wording } from '../cause-texts.ts';
import { filtersWithOutcome } from '../parse-request.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import { printSteps } from '../table.ts';
import { answerGaps } from './gap-annotations.ts';
import type { Region } from './merge-regions.ts';
import { readRegions } from './read-regions.ts';

const TITLE_LENGTH = 80;

/** Texts of regions with several breaks. */
const COUNTS: Record<
  Language,
  {
    more: (count: number) => string;
    breaks: (count: number) => string;
    sum: (breaks: number, streams: number) => string;
  }
> = {
  en: {
    more: (count) => `+${count} more`,
    breaks: (count) => `${count} breaks.`,
    sum: (breaks, streams) =>
      `${breaks} breaks of ${streams} ${streams === 1 ? 'stream' : 'streams'}.`,
  },
  zh: {
    more: (count) => `+${count} 次`,
    breaks: (count) => `共断流 ${count} 次。`,
    sum: (breaks, streams) => `${streams} 路流共断流 ${breaks} 次。`,
  },
  ja: {
    more: (count) => `+${count} 件`,
    breaks: (count) => `中断 ${count} 件。`,
    sum: (breaks, streams) => `${streams} ストリームで中断 ${breaks} 件。`,
  },
  ko: {
    more: (count) => `+${count}건`,
    breaks: (count) => `중단 ${count}건.`,
    sum: (breaks, streams) => `스트림 ${streams}개에서 중단 ${breaks}건.`,
  },
};

/**
 * Answers an annotations query with a region from break to recovery for every break that overlaps the
 * range, even if it started earlier. Regions are merged until they fit into the limit. With `gaps` the
 * answer has the gaps in collection instead.
 *
 * @throws `STORE_FAILED`
 */
export async function answerAnnotations(
  query: AnnotationsQuery,
  range: TimeRange,
  context: QueryContext,
  signal?: StopSignal,
): Promise<Frame[]> {
  if (query.gaps) {
    return answerGaps(query, range, context);
  }
  const limit = query.limit ?? ANNOTATIONS_LIMIT.defaultValue;
  const language = query.language ?? 'en';
  const search = { range, filters: filtersWithOutcome(query.filters) };
  const { regions, stepMs } = await readRegions(search, limit, context, signal);
  const wording = await createWording(
    regions.map((region) => region.record),
    context.texts,
    language,
  );
  const meta: FrameMeta = { dataTopic: 'annotations' };
  if (stepMs !== null) {
    meta.notices = [
      {
        severity: 'info',
        text: `There are too many breaks to draw each, so they are drawn in steps of ${stepMs / 60_000} minutes. Narrow the time range or the filters to see each.`,
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
  const { breaks, sum } = COUNTS[language];
  const all = streams.size > 0 ? sum(count, streams.size) : breaks(count);
  return [words.cause, printSteps(words.fix), ...(count > 1 ? [all] : [])]
    .filter((line) => line !== '')
    .join('\n');
}

/** Joins tags with commas, so commas in tags are replaced. Stream and domain are tags if there is only one. */
function tagsOf({ record, streams, domains }: Region): string {
  const { event, verdict } = record;
  return [
    verdict.category,
    verdict.severity,
    ...(streams.size === 1 ? [event.stream, streamLabel(event.facts)?.name ?? []].flat() : []),
    ...(domains.size === 1 ? [event.domain] : []),
  ]
    .map((tag) => showInvisible(tag).replaceAll(',', ' '))
    .join(',');
}

/** The first sentence of a cause without its full stop, shortened to the length of a title. */
function firstSentence(cause: string): string {
  const sentence = /^.*?(?=[.!?](?:\s|$)|[。！？\n]|$)/su.exec(cause)?.[0] ?? cause;
  const letters = [...sentence];
  return letters.length > TITLE_LENGTH
    ? `${letters.slice(0, TITLE_LENGTH - 1).join('')}…`
    : sentence;
}
