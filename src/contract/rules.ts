import Type, { type Static } from 'typebox';
import type { AnswerError } from '../model/errors.ts';
import { GROUP_BY } from '../model/query.ts';
import { Category, Confidence, RetrySchema, Severity, Side } from './breaks.ts';
import { LanguageSchema, RequestTime } from './query.ts';
import { Count, nullable, object, oneOf } from './schema.ts';

const Words = Type.String({
  description: 'Without its optional parts; ⟨…⟩ stands for the value of a fact.',
});

const summary = {
  id: Type.String(),
  name: Type.String(),
  category: Category,
  severity: Severity,
  side: Side,
  priority: Type.Number(),
  cause: Words,
  hash: Type.String(),
  file: Type.String({ description: 'Path below its rules folder.' }),
  isOwn: Type.Boolean({ description: "It comes from the team's folder." }),
  replacesShipped: Type.Boolean({ description: 'It is an own rule with the id of a shipped one.' }),
  patch: nullable(Type.String({ description: 'File of the patch that changed it.' })),
};

/** A rule in force, in one language. */
const RuleSummarySchema = object(summary, 'RuleSummary');
export type RuleSummary = Static<typeof RuleSummarySchema>;

/** The answer of `GET /api/v1/rules`. */
export const RulesAnswer = object(
  {
    set: Type.String({ description: 'Hash of the set in force.' }),
    rules: Type.Array(RuleSummarySchema),
  },
  'Rules',
);
export type RulesList = Static<typeof RulesAnswer>;

const covered = object({ total: Count, missing: Type.Array(Type.String()) });

/** The answer of `GET /api/v1/rules/coverage`: what has a rule, and what only the fallback rule answers. */
export const CoverageAnswer = object(
  {
    set: Type.String(),
    reasons: covered,
    codes: covered,
    texts: covered,
    tests: object({
      total: Count,
      failed: Count,
      rulesWithoutWin: Type.Array(Type.String({ description: 'Rules that win in no test.' })),
    }),
  },
  'Coverage',
);
export type RuleCoverage = Static<typeof CoverageAnswer>;

/** One line of a condition in words; lines of a group are one level deeper. */
export const ConditionLineSchema = object(
  {
    depth: Count,
    kind: oneOf(['all', 'any', 'not', 'is']),
    words: Type.String({ description: 'Of a comparison; empty for a group.' }),
    fact: nullable(Type.String()),
  },
  'ConditionLine',
);

const labelled = Type.Array(object({ fact: Type.String(), label: Type.String() }));

/** The answer of `GET /api/v1/rules/:id`. */
export const RuleAnswer = object(
  {
    ...summary,
    set: Type.String(),
    description: nullable(Type.String()),
    conditions: Type.Array(ConditionLineSchema),
    fix: Type.Array(Words),
    retry: RetrySchema,
    runbook: Type.String(),
    evidence: labelled,
    confidence: nullable(Confidence),
    alert: nullable(
      object({
        window: Type.String(),
        threshold: Type.Number(),
        groupBy: Type.Array(oneOf(GROUP_BY)),
        for: nullable(Type.String()),
      }),
    ),
    tests: Type.Array(
      object({
        name: Type.String(),
        given: Type.Array(Type.String()),
        expected: Type.String(),
        winner: Type.String(),
        holds: Type.Boolean(),
      }),
    ),
    competes: object({
      total: Count,
      rules: Type.Array(
        object({
          id: Type.String(),
          name: Type.String(),
          severity: Severity,
          isBefore: Type.Boolean(),
        }),
        { description: 'Rules that can match the same reasons, in the order of winning.' },
      ),
    }),
    source: Type.String({ description: 'The rule as the text of its file.' }),
  },
  'Rule',
);
export type ShownRule = Static<typeof RuleAnswer>;

/** The answer of `GET /api/v1/runbooks/:name`. */
export const RunbookAnswer = object(
  {
    name: Type.String(),
    lang: Type.String(),
    languages: Type.Array(Type.String()),
    isOwn: Type.Boolean(),
    html: Type.String({ description: 'Without scripts; HTML in the runbook is shown as text.' }),
  },
  'Runbook',
);
export type RunbookBody = Static<typeof RunbookAnswer>;

/** The longest rule or patch to try, characters. */
const MAX_EDIT_LENGTH = 64 * 1024;

/** The body of `POST /api/v1/rules/try`. */
export const TryBody = object(
  {
    text: Type.String({
      minLength: 1,
      maxLength: MAX_EDIT_LENGTH,
      description: 'A rule or a patch as the text of its file.',
    }),
    from: Type.Optional(RequestTime),
    to: Type.Optional(RequestTime),
    lang: Type.Optional(LanguageSchema),
  },
  'Try',
);

/** What an edit is, and what lint and tests say about it. */
export interface CheckedEdit {
  kind: 'rule' | 'patch';
  /** Id of the rule; null when the text does not say it. */
  id: string | null;
  /** Whether a rule of this id is in force. */
  isKnown: boolean;
  findings: {
    level: 'error' | 'warning';
    check: string;
    /** From 1. */
    line: number;
    column: number;
    message: string;
  }[];
  /** What the edit changes; null when the rule cannot be loaded. */
  changes: { what: string; before: string | null; after: string | null }[] | null;
  /** The tests of the rule. */
  tests: { name: string; expected: string; winner: string; holds: boolean }[];
  /** Tests of other rules that hold now and would fail. */
  broken: { rule: string; name: string; winner: string }[];
  /** The edit as the text of a patch file; null when a patch cannot say it. */
  patch: string | null;
  /** The edit as the text of a rule file; null when the rule cannot be loaded. */
  rule: string | null;
}

/** What an edit would change in the history. Times are epoch ms UTC. */
export interface TriedEdit {
  /** False when the time was over: only a part of the history was judged. */
  complete: boolean;
  events: number;
  from: number | null;
  to: number | null;
  moved: number;
  movedPercent: number;
  reworded: number;
  newlyUnknown: number;
  newlyKnown: number;
  notRecorded: string[];
  /** Pairs of rules at all; `movements` has the most frequent ones. */
  pairs: number;
  movements: {
    from: string;
    to: string;
    count: number;
    samples: { endedAt: number; stream: string }[];
  }[];
}

/** One line of the answer of `POST /api/v1/rules/try`: checks first, then progress from 0 to 1, then the result. */
export type TryLine =
  | { checked: CheckedEdit }
  | { progress: number; events: number }
  | { result: TriedEdit }
  | { error: AnswerError };
