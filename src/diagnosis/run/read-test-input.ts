import { printReasonCode } from '../../model/break.ts';
import type { Facts } from '../../model/facts.ts';
import { matchReason, type ReasonMatch } from '../../reasons/match-reason.ts';
import type { RuleTestInput } from '../rule.ts';

/** How the reason of a test's event is found: as in life, or given by name. */
function matchOf({ reason, errcode, subErrcode, text, bypassCode }: RuleTestInput): ReasonMatch {
  if (typeof reason !== 'string') {
    return matchReason({ errcode, subErrcode, text, bypassCode });
  }
  return {
    reason,
    by: 'code',
    code: errcode === undefined ? null : { errcode, subErrcode: subErrcode ?? null },
    bypassCode: bypassCode ?? null,
    ground: 'specific-code',
    alternates: [],
  };
}

/** What the event alone tells; the test's own facts lie over it. */
function factsOf({ text, ...given }: RuleTestInput, match: ReasonMatch): Facts {
  const facts: Facts = { reason: match.reason };
  if (match.code) {
    facts.code = printReasonCode(match.code);
    facts.errcode = match.code.errcode;
    if (match.code.subErrcode !== null) {
      facts.subErrcode = match.code.subErrcode;
    }
  }
  if (match.bypassCode !== null) {
    facts.bypassCode = match.bypassCode;
  }
  if (text !== undefined) {
    facts.reasonText = text;
  }
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) {
      facts[name] = value;
    }
  }
  return facts;
}

/** Turns what a rule's test gives into what a diagnosis takes. */
export function readTestInput(given: RuleTestInput): { facts: Facts; match: ReasonMatch } {
  const match = matchOf(given);
  return { facts: factsOf(given, match), match };
}
