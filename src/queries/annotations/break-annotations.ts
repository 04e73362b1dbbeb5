import { streamLabel } from '../../model/push.ts';
import { CATEGORY_COLOURS, type Language } from '../../model/vocabulary.ts';
import { createWording, type Wording } from '../cause-texts.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import { printSteps } from '../table.ts';
import type { Annotations } from './annotation-table.ts';
import type { Region } from './merge-regions.ts';
import { type RegionSearch, readRegions } from './read-regions.ts';

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
    breaks: (count) => `切断 ${count} 件。`,
    sum: (breaks, streams) => `${streams} ストリームで切断 ${breaks} 件。`,
  },
  ko: {
    more: (count) => `+${count}건`,
    breaks: (count) => `중단 ${count}건.`,
    sum: (breaks, streams) => `스트림 ${streams}개에서 중단 ${breaks}건.`,
  },
};

/**
 * Finds a region from break to recovery for every break that overlaps the range, even if it started earlier.
 * Regions are merged until they fit into the limit.
 *
 * @throws `STORE_FAILED`
 */
export async function breakAnnotations(
  search: RegionSearch,
  language: Language,
  context: QueryContext,
  signal?: StopSignal,
): Promise<Annotations> {
  const { regions, stepMs } = await readRegions(search, context, signal);
  const wording = await createWording(
    regions.map((region) => region.record),
    context.texts,
    language,
  );
  return {
    rows: regions.map((region) => {
      const words = wording(region.record);
      return {
        start: region.start,
        end: region.end,
        title: titleOf(region, words, language),
        lines: linesOf(region, words, language),
        tags: tagsOf(region),
        colour: CATEGORY_COLOURS[region.record.verdict.category],
        id: region.record.event.id,
      };
    }),
    notices:
      stepMs === null
        ? []
        : [
            {
              severity: 'info',
              text: `There are too many breaks to draw each, so they are drawn in steps of ${stepMs / 60_000} minutes. Narrow the time range or the filters to see each.`,
            },
          ],
  };
}

function titleOf({ causes, count, streams }: Region, words: Wording, language: Language): string {
  const cause = shorten(splitSentence(words.cause)[0]);
  if (count === 1) {
    return cause;
  }
  return causes.size === 1 && streams.size === 1
    ? `${cause} ×${count}`
    : `${cause} ${COUNTS[language].more(count - 1)}`;
}

/** What the title does not say: the rest of the cause, the steps of the fix, and the sum. */
function linesOf({ count, streams }: Region, words: Wording, language: Language): string[] {
  const { breaks, sum } = COUNTS[language];
  const all = streams.size > 0 ? sum(count, streams.size) : breaks(count);
  const [first, rest] = splitSentence(words.cause);
  return [
    first === shorten(first) ? rest : words.cause,
    printSteps(words.fix),
    ...(count > 1 ? [all] : []),
  ].filter((line) => line !== '');
}

/** Stream and domain are tags if there is only one. */
function tagsOf({ record, streams, domains }: Region): string[] {
  const { event, verdict } = record;
  return [
    verdict.category,
    verdict.severity,
    ...(streams.size === 1 ? [event.stream, streamLabel(event.facts)?.name ?? []].flat() : []),
    ...(domains.size === 1 ? [event.domain] : []),
  ];
}

/** The first sentence of a text without its full stop, and what follows. */
function splitSentence(text: string): [first: string, rest: string] {
  const first = /^.*?(?=[.!?](?:\s|$)|[。！？\n]|$)/su.exec(text)?.[0] ?? text;
  return [first, text.slice(first.length).replace(/^[.!?。！？\s]+/u, '')];
}

function shorten(sentence: string): string {
  const letters = [...sentence];
  return letters.length > TITLE_LENGTH
    ? `${letters.slice(0, TITLE_LENGTH - 1).join('')}…`
    : sentence;
}
