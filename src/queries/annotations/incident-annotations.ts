import { cardTitle } from '../../model/card/card.ts';
import { localizeCard, printFacts, printPhrase } from '../../model/card/render-card.ts';
import type { Reader } from '../../model/card/segments.ts';
import type { AnnotationsQuery } from '../../model/query.ts';
import { CATEGORY_COLOURS, type Language } from '../../model/vocabulary.ts';
import type { TimeRange } from '../../store/store.ts';
import {
  findIncidents,
  type IncidentOutline,
  type IncidentRow,
} from '../incidents/read-incidents.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import type { Annotations } from './annotation-table.ts';
import {
  mergeByCategory,
  mergeLookAlikes,
  type Region,
  type RegionBreak,
} from './merge-regions.ts';

/** Incidents that are read at most; the newest. */
const MAX_INCIDENTS = 500;

/** Parts of a card that a tooltip shows. The title is the part `what`, and the tooltip shows the times itself. */
const SHOWN_PARTS = ['now', 'why', 'doNow', 'impact'];

/** Texts of regions with several incidents. */
const COUNTS: Record<Language, { more: (n: number) => string; sum: (n: number) => string }> = {
  en: { more: (n) => `+${n} more`, sum: (n) => `${n} incidents.` },
  zh: { more: (n) => `+${n} 起`, sum: (n) => `共 ${n} 起事件。` },
  ja: { more: (n) => `+${n} 件`, sum: (n) => `インシデント ${n} 件。` },
  ko: { more: (n) => `+${n}건`, sum: (n) => `인시던트 ${n}건.` },
};

/** An incident as a region shows it. */
interface IncidentRegion extends RegionBreak {
  id: string;
}

/**
 * Finds a region for every incident that overlaps the range, from its first break to the recovery of its last
 * stream. A merged region shows the words of the incident with most streams.
 *
 * @throws `STORE_FAILED`
 */
export async function incidentAnnotations(
  query: AnnotationsQuery,
  { range, limit, gapMs }: { range: TimeRange; limit: number; gapMs: number },
  context: QueryContext,
  signal?: StopSignal,
): Promise<Annotations> {
  const reader: Reader = { language: query.language ?? 'en', timeZone: query.timeZone };
  const { filters } = query;
  const { outlines, isCut, notices, read } = await findIncidents(
    { filters, range, limit: MAX_INCIDENTS, language: reader.language, countsSeen: false },
    context,
    signal,
  );
  if (isCut) {
    notices.push({
      severity: 'warning',
      text: `Only the newest ${MAX_INCIDENTS} incidents are drawn. Narrow the time range or the filters.`,
    });
  }
  const until = Math.min(context.now(), range.to);
  const regions = mergeLookAlikes(
    outlines.map((outline) => regionOf(outline, until)),
    gapMs,
  );
  const shown = regions.length > limit ? mergeByCategory(regions, limit) : regions;
  const rows = await read(shown.map(({ record }) => record.id));
  return {
    rows: shown.map((region, place) => annotationOf(region, rows[place] as IncidentRow, reader)),
    notices,
  };
}

function regionOf(
  { id, startedAt, endedAt, streams, category }: IncidentOutline,
  until: number,
): Region<IncidentRegion> {
  const record: IncidentRegion = { event: { endedAt: startedAt }, verdict: { category }, id };
  return {
    start: startedAt,
    end: Math.max(startedAt, endedAt ?? until),
    record,
    count: 1,
    streams: new Set(),
    domains: new Set(),
    causes: new Map([[id, { count: streams, record }]]),
  };
}

function annotationOf(
  { start, end, count }: Region<IncidentRegion>,
  { incident, card, stored }: IncidentRow,
  reader: Reader,
) {
  const { more, sum } = COUNTS[reader.language];
  const title = printPhrase(cardTitle(card), reader);
  const lines = localizeCard(card, reader.language)
    .filter(({ part }) => SHOWN_PARTS.includes(part))
    .map((line) => `${line.label}: ${printFacts(line, reader)}`);
  const { kind, account } = incident.scope;
  const isOne = count === 1;
  return {
    start,
    end,
    title: isOne ? title : `${title} ${more(count - 1)}`,
    lines: isOne ? lines : [...lines, sum(count)],
    // The title has the category, and the account when it is the scope.
    tags: [incident.cause.verdict.severity, ...(kind === 'account' ? [] : [account])],
    colour: CATEGORY_COLOURS[incident.cause.verdict.category],
    id: stored?.id ?? incident.id,
  };
}
