import type { RuleSet } from '../rule.ts';
import { createDiagnoser } from '../run/create-diagnoser.ts';
import { readTestInput } from '../run/read-test-input.ts';

/** What a new rule starts from. */
export interface SkeletonOptions {
  /** `<category>/<name>`. */
  id: string;
  /** The reason that the rule is about. */
  reason: string;
  priority: number;
  /** Side, severity, retry and runbook are taken from the rule that answers the reason now. */
  ruleSet: RuleSet;
}

function todo(what: string) {
  return Object.fromEntries(
    ['en', 'zh', 'ja', 'ko'].map((language) => [language, `TODO: ${what} (${language})`]),
  );
}

/**
 * Makes a rule that fits the schema and whose tests hold, but for the texts, which lint reports as
 * long as they say TODO. Its second condition is an example: without one the rule would answer every
 * event of its reason.
 */
export async function makeSkeleton(options: SkeletonOptions): Promise<object> {
  const { id, reason, priority, ruleSet } = options;
  const { facts, match } = readTestInput({ reason });
  const now = await createDiagnoser(ruleSet).diagnose(facts, match);
  const depth = id.split('/').length - 1;
  return {
    $schema: `${'../'.repeat(depth)}schema/rule.schema.json`,
    id,
    name: 'TODO: a short name for lists and pages',
    priority,
    conditions: {
      all: [
        { fact: 'reason', operator: 'equal', value: reason },
        { fact: 'secondsLive', operator: 'lessThan', value: 5 },
      ],
    },
    event: {
      type: id.split('/')[0],
      params: {
        severity: now.severity,
        side: now.side,
        cause: todo('why it broke, in one sentence'),
        fix: [todo('what to do now, imperative')],
        retry: now.retry,
        runbook: now.runbook,
        evidence: ['code', 'secondsLive'],
      },
    },
    tests: [
      { name: 'TODO: what matches', given: { reason, secondsLive: 3 }, expect: 'match' },
      {
        name: 'TODO: what only looks like it',
        given: { reason, secondsLive: 600 },
        expect: 'no-match',
      },
    ],
  };
}
