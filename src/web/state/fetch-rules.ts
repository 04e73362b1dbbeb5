import type { RuleCoverage, RulesList, RunbookBody, ShownRule } from '../../contract/rules.ts';
import type { Language } from '../../model/vocabulary.ts';
import { ask, postQuery } from './api.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far back breaks are counted, ms. */
export const HISTORY_MS = 30 * DAY_MS;
/** With more rules than this, breaks are counted by the day, so that the answer stays small. */
const MANY_RULES = 200;
const MAX_RULES = 1_000;

/** Fetches the rules in force. */
export function fetchRules(language: Language, signal?: AbortSignal): Promise<RulesList> {
  return ask(`/api/v1/rules?lang=${language}`, signal);
}

/** Fetches what has a rule. */
export function fetchCoverage(signal?: AbortSignal): Promise<RuleCoverage> {
  return ask('/api/v1/rules/coverage', signal);
}

/** Fetches one rule. @throws AnswerFailed when there is none of that id */
export function fetchRule(
  id: string,
  language: Language,
  signal?: AbortSignal,
): Promise<ShownRule> {
  return ask(`/api/v1/rules/${encodeURIComponent(id)}?lang=${language}`, signal);
}

/** Fetches a runbook as HTML. @throws AnswerFailed when it does not exist */
export function fetchRunbook(
  name: string,
  language: Language,
  signal?: AbortSignal,
): Promise<RunbookBody> {
  return ask(`/api/v1/runbooks/${encodeURIComponent(name)}?lang=${language}`, signal);
}

/** How often a rule won. */
export interface RuleHits {
  count: number;
  /** Start of the last step with a hit, epoch ms UTC. */
  last: number;
}

/** Hits by rule. */
export interface HitsByRule {
  /** Length of the steps that {@link RuleHits.last} is the start of, ms. */
  stepMs: number;
  hits: Map<string, RuleHits>;
}

/**
 * Counts the breaks of the last 30 days by the rule that won, normal ends included.
 *
 * @param rules - number of rules in force
 * @throws Error when the server does not answer or returns an error
 */
export async function fetchHits(rules: number, signal?: AbortSignal): Promise<HitsByRule> {
  const stepMs = rules > MANY_RULES ? DAY_MS : HOUR_MS;
  const to = Math.ceil(Date.now() / stepMs) * stepMs;
  const { results } = await postQuery(
    {
      from: to - HISTORY_MS,
      to,
      queries: [
        {
          refId: 'hits',
          queryType: 'series',
          groupBy: ['rule'],
          stepMs,
          limit: MAX_RULES,
          filters: { outcome: ['broken', 'refused', 'ended'] },
        },
      ],
    },
    signal,
  );
  const answer = results.hits;
  if (!answer || 'error' in answer) {
    throw new Error(answer?.error.message ?? 'no answer');
  }
  const hits = new Map<string, RuleHits>();
  for (const { fields } of answer.frames) {
    const [time, counts] = fields;
    const rule = counts?.labels?.rule;
    const values = (counts?.values ?? []) as (number | null)[];
    const last = values.findLastIndex((value) => (value ?? 0) > 0);
    if (rule && last >= 0) {
      const count = values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
      hits.set(rule, { count, last: time?.values[last] as number });
    }
  }
  return { stepMs, hits };
}
