import type { TeamReason } from '../../reasons/reason-catalogue.ts';
import { hashJson, type LoadedRule, type Rule } from '../rule.ts';

/** The same as of the fallback rule, so that nearly every rule of a team wins. */
const PRIORITY = 20;

/** What to do about a reason whose catalogue entry has no fix. */
const NO_FIX = {
  en: 'Your catalogue gives no fix for this reason. Add "fix" to its entry, or write a rule.',
  zh: '自有目录未给出该原因的处理方法。请在条目中添加 "fix"，或编写规则。',
  ja: '自分のカタログにはこの理由の対処方法がありません。エントリに "fix" を加えるか、ルールを書いてください。',
  ko: '자체 카탈로그에 이 사유의 조치가 없습니다. 항목에 "fix"를 추가하거나 규칙을 작성하세요.',
};

/** Whether a rule was made of an entry of a catalogue. It is there for events that no rule file wins. */
export function isOfCatalogue({ file }: Pick<LoadedRule, 'file'>): boolean {
  return file.startsWith('catalogues/');
}

/**
 * Makes the rule that applies to a team's reason when no rule of the team wins. Its id is the category and the id
 * of the reason, such as `network/team-relay-restart`; a rule file with this id replaces it.
 *
 * @param file - path of the catalogue file in its rules folder
 */
export function ruleOfReason(reason: TeamReason, file: string): LoadedRule {
  const { id, category, side, title, severity = 'warning', retry = 'none' } = reason;
  const rule: Rule = {
    id: `${category}/${id.replaceAll('_', '-')}`,
    name: title.en,
    priority: PRIORITY,
    conditions: { all: [{ fact: 'reason', operator: 'equal', value: id }] },
    event: {
      type: category,
      params: {
        severity,
        side,
        cause: reason.cause ?? title,
        fix: reason.fix ?? [NO_FIX],
        retry,
        runbook: 'unknown-unrecognized',
        evidence: ['reasonText', 'code', 'secondsLive', 'clientIp'],
        alert: { window: '5m', threshold: 1, groupBy: ['stream'], for: '1m' },
      },
    },
    tests: [],
  };
  return { ...rule, hash: hashJson(rule), file };
}
