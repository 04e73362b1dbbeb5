import type { ConfidenceGround } from '../../model/diagnosis.ts';
import { CONFIDENCES, type Confidence } from '../../model/vocabulary.ts';
import type { ReasonMatch } from '../../reasons/match-reason.ts';
import type { RuleParams } from '../rule.ts';
import type { Support } from './read-evidence.ts';

/** Facts that repeat what CSS said, or name the stream: a rule for them proves nothing beyond. */
const NO_PROOF = new Set([
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
]);

/** Tells whether a comparison looked at more than what CSS said. */
export function isIndependent({ leaf }: Support): boolean {
  return !NO_PROOF.has(leaf.fact);
}

function lowerOf(one: Confidence, other: Confidence | undefined): Confidence {
  return other && CONFIDENCES.indexOf(other) > CONFIDENCES.indexOf(one) ? other : one;
}

/**
 * How sure a diagnosis is, from its structure alone: a specific code or unambiguous text is
 * certain, as is a fact that the rule calls decisive; a code that hides several situations is
 * likely when the rule matched on at least one fact beyond it, and possible when it did not. Where
 * code and words tell of different reasons, nothing but decisive evidence is certain. A rule may cap
 * it.
 *
 * @param support - the winning rule's comparisons; undefined when no rule matched
 */
export function judgeConfidence(
  match: Pick<ReasonMatch, 'ground' | 'alternates'>,
  support: readonly Support[] | undefined,
  params: Pick<RuleParams, 'decisive' | 'confidence'>,
): { confidence: Confidence; ground: ConfidenceGround } {
  const { ground, alternates } = match;
  if (!support) {
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
