import type { Feedback } from '../model/incident.ts';
import { type Filters, matchesSome } from '../model/query.ts';
import { CONFIDENCES } from '../model/vocabulary.ts';
import type { Store, TimeRange } from '../store/store.ts';

/** How often causes were right, by feedback. */
export interface Accuracy {
  right: number;
  wrong: number;
  /** Breaks without feedback; null where they cannot be counted. */
  unrated: number | null;
  /** Part of the feedback that says `right`, 0 to 1; null without feedback. */
  share: number | null;
  /** Contains the true share with 95 % probability (Wilson score interval); null without feedback. */
  interval: { low: number; high: number } | null;
}

/** Accuracy in total, by rule and by confidence. */
export interface AccuracyReport {
  all: Accuracy;
  /** By rule id, those with most feedback first. */
  rules: (Accuracy & { rule: string })[];
  /** By confidence of the diagnosis, the surest first. */
  confidences: (Accuracy & { confidence: string })[];
  /** Only the newest feedback was counted, because there is too much. */
  truncated: boolean;
}

const MAX_READ = 100_000;
const MAX_RULES = 1_000;
const DAY_MS = 86_400_000;
/** Quantile of the normal distribution for 95 %. */
const Z = 1.96;

/**
 * Reads the feedback that was given in a range.
 *
 * @param filters - those of other names than these are ignored: feedback knows no places
 * @returns `truncated` when only the newest was read, because there is too much
 * @throws `STORE_FAILED`
 */
export async function readFeedback(
  range: TimeRange,
  store: Pick<Store, 'findDocuments'>,
  { account, category, severity, side, rule }: Filters = {},
): Promise<{ feedback: Feedback[]; truncated: boolean }> {
  const found = await store.findDocuments({ kind: 'feedback', range, limit: MAX_READ });
  const feedback = found
    .map(({ body }) => body as Feedback)
    .filter(
      ({ account: of, diagnosis }) =>
        matchesSome(account, of) &&
        matchesSome(category, diagnosis.category) &&
        matchesSome(severity, diagnosis.severity) &&
        matchesSome(side, diagnosis.side) &&
        matchesSome(rule, diagnosis.rule.id),
    );
  return { feedback, truncated: found.length === MAX_READ };
}

/**
 * Counts the feedback of a range, and the breaks of the range without feedback. The range selects the time
 * of the feedback, not of its breaks.
 *
 * @throws `STORE_FAILED`
 */
export async function measureAccuracy(
  range: TimeRange,
  store: Pick<Store, 'findDocuments' | 'series'>,
): Promise<AccuracyReport> {
  const [{ feedback, truncated }, byRule] = await Promise.all([
    readFeedback(range, store),
    store.series({
      range,
      filters: { outcome: ['broken', 'refused'] },
      groupBy: ['rule'],
      stepMs: DAY_MS,
      measure: 'count',
      limit: MAX_RULES,
      now: range.to,
    }),
  ]);
  const breaks = new Map(
    byRule.map(({ labels, points }) => [
      labels.rule ?? '',
      [...points].reduce((sum, count) => sum + count, 0),
    ]),
  );
  const total = [...breaks.values()].reduce((sum, count) => sum + count, 0);
  const ids = new Set([...breaks.keys(), ...feedback.map(({ diagnosis }) => diagnosis.rule.id)]);
  const rules = [...ids].map((rule) => ({
    rule,
    ...countFeedback(
      feedback.filter(({ diagnosis }) => diagnosis.rule.id === rule),
      breaks.get(rule) ?? 0,
    ),
  }));
  return {
    all: countFeedback(feedback, total),
    rules: rules.sort(
      (a, b) =>
        b.right + b.wrong - (a.right + a.wrong) ||
        (b.unrated ?? 0) - (a.unrated ?? 0) ||
        (a.rule < b.rule ? -1 : 1),
    ),
    confidences: CONFIDENCES.map((confidence) => ({
      confidence,
      ...countFeedback(
        feedback.filter(({ diagnosis }) => diagnosis.confidence === confidence),
        null,
      ),
    })),
    truncated,
  };
}

/** @param breaks - those that the feedback is about, with and without it; null where they are not counted */
export function countFeedback(feedback: readonly Feedback[], breaks: number | null): Accuracy {
  const right = feedback.filter(({ verdict }) => verdict === 'right').length;
  const ofBreaks = feedback.filter(({ subject }) => subject === 'break').length;
  return {
    right,
    wrong: feedback.length - right,
    unrated: breaks === null ? null : Math.max(0, breaks - ofBreaks),
    share: feedback.length === 0 ? null : right / feedback.length,
    interval: feedback.length === 0 ? null : wilson(right, feedback.length),
  };
}

/** Computes Wilson's score interval. It is valid for small counts too, and always within 0 and 1. */
function wilson(right: number, all: number): { low: number; high: number } {
  const share = right / all;
  const middle = share + Z ** 2 / (2 * all);
  const spread = Z * Math.sqrt((share * (1 - share)) / all + Z ** 2 / (4 * all ** 2));
  const scale = 1 + Z ** 2 / all;
  return {
    low: Math.max(0, (middle - spread) / scale),
    high: Math.min(1, (middle + spread) / scale),
  };
}
