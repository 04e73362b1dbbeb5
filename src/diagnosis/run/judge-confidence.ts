import type { ConfidenceGround } from '../../model/diagnosis.ts';
import type { Facts } from '../../model/facts.ts';
import { CONFIDENCES, type Confidence } from '../../model/vocabulary.ts';
import type { ReasonMatch } from '../../reasons/match-reason.ts';
import type { RuleParams } from '../rule.ts';
import type { Support } from './read-evidence.ts';

/** Facts that repeat what CSS reported, or name the stream. They are no independent evidence. */
const NOT_INDEPENDENT = new Set([
  'reason',
  'code',
  'errcode',
  'subErrcode',
  'bypassCode',
  'reasonText',
  'account',
  'domain',
  'app',
  'stream',
  'endedAt',
]);

/** What the samples of a break show, for cards. */
export const SAMPLE_FACTS = ['samplesBeforeBreak', 'fpsBeforeBreak', 'videoRateBeforeBreak'];

/** Whether CSS's samples speak against the cause of a rule. */
export function isContradicted(
  { contradictedBy }: Pick<RuleParams, 'contradictedBy'>,
  { samplesBeforeBreak }: Facts,
): boolean {
  return contradictedBy?.some((finding) => finding === samplesBeforeBreak) ?? false;
}

/** Whether a comparison used more than what CSS reported. */
export function isIndependent({ leaf }: Support): boolean {
  return !NOT_INDEPENDENT.has(leaf.fact);
}

function lowerOf(one: Confidence, other: Confidence | undefined): Confidence {
  return other && CONFIDENCES.indexOf(other) > CONFIDENCES.indexOf(one) ? other : one;
}

/**
 * Determines the confidence of a diagnosis:
 *
 * - `certain`: a specific code or an unambiguous text, or a fact that the rule calls decisive. If code
 *   and text name different reasons, only a decisive fact is certain.
 * - `likely`: the code covers several situations, and the rule matched on at least one more fact.
 * - `possible`: the code covers several situations, and no other fact matched.
 *
 * - `possible`, always: the text only resembles a known one.
 *
 * A rule may set an upper limit. Samples of CSS that speak against the cause lower it by one level.
 *
 * @param support - the winning rule's comparisons; undefined when no rule matched
 */
export function judgeConfidence(
  match: Pick<ReasonMatch, 'ground' | 'alternates'>,
  support: readonly Support[] | undefined,
  params: Pick<RuleParams, 'decisive' | 'confidence' | 'contradictedBy'>,
  facts: Facts,
): { confidence: Confidence; ground: ConfidenceGround } {
  const judged = judgeWithoutSamples(match, support, params);
  if (!support || match.ground === 'similar-text' || !isContradicted(params, facts)) {
    return judged;
  }
  const lower = CONFIDENCES[CONFIDENCES.indexOf(judged.confidence) + 1] ?? 'possible';
  return { confidence: lower, ground: 'samples-contradict' };
}

function judgeWithoutSamples(
  match: Pick<ReasonMatch, 'ground' | 'alternates'>,
  support: readonly Support[] | undefined,
  params: Pick<RuleParams, 'decisive' | 'confidence'>,
): { confidence: Confidence; ground: ConfidenceGround } {
  const { ground, alternates } = match;
  if (!support || ground === 'similar-text') {
    return { confidence: 'possible', ground };
  }
  const judged = (confidence: Confidence, why: ConfidenceGround) => ({
    confidence: lowerOf(confidence, params.confidence),
    ground: why,
  });
  const isSpecific = ground === 'specific-code' || ground === 'unambiguous-text';
  if (isSpecific && alternates.length === 0) {
    return judged('certain', ground);
  }
  if (support.some(({ leaf }) => params.decisive?.includes(leaf.fact))) {
    return judged('certain', 'decisive-evidence');
  }
  if (isSpecific) {
    return judged('likely', ground);
  }
  return support.some(isIndependent) ? judged('likely', 'evidence') : judged('possible', ground);
}
