import { canonicalJson, shortHash } from './hash-json.ts';
import type { LoadedRule, Rule, RuleSet } from './rule.ts';

/** Id of the shipped rule that answers when no other one matches. */
export const FALLBACK_ID = 'unknown/unrecognized';

/** Stands in for a rule set that has no fall-back of its own. */
const builtIn: Rule = {
  id: FALLBACK_ID,
  name: 'Reason not in the catalogue',
  priority: 1,
  conditions: { all: [{ fact: 'reason', operator: 'equal', value: 'unrecognized' }] },
  event: {
    type: 'unknown',
    params: {
      severity: 'warning',
      side: 'tencent',
      cause: {
        en: 'No rule knows this break[[ (CSS said: {{reasonText}})]][[ (code {{code}})]].',
        zh: '没有规则能识别此次断流[[（CSS 原文：{{reasonText}}）]][[（代码 {{code}}）]]。',
      },
      fix: [
        {
          en: 'Push again; if it repeats, open a ticket with stream name, time and client IP, and write a rule for it.',
          zh: '重新推流；若重复出现，请携带流名、时间和客户端 IP 提交工单，并为其编写规则。',
        },
      ],
      retry: 'none',
      runbook: 'unknown-unrecognized',
      evidence: ['reasonText', 'code', 'bypassCode'],
    },
  },
  tests: [{ name: 'words that nobody knows', given: { text: 'something new' }, expect: 'match' }],
};

/** The rule that answers when none matches: the set's own, else a built-in one. */
export function fallbackOf(ruleSet: RuleSet): LoadedRule {
  return (
    ruleSet.rules.find((rule) => rule.id === FALLBACK_ID) ?? {
      ...builtIn,
      hash: shortHash(canonicalJson(builtIn)),
      file: `${FALLBACK_ID}.json`,
    }
  );
}
