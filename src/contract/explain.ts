import Type, { type Static } from 'typebox';
import {
  Category,
  Confidence,
  EvidenceList,
  FactsSchema,
  Ground,
  Outcome,
  RetrySchema,
  Severity,
  Side,
} from './breaks.ts';
import { EXPLAIN_LENGTH } from './limits.ts';
import { AnswerErrorSchema, LanguageSchema } from './query.ts';
import { ConditionLineSchema } from './rules.ts';
import { Count, nullable, object, oneOf, Time } from './schema.ts';

/** Entries of an answer. */
export const EXPLAIN_LIMITS = { causes: 20, problems: 10 } as const;

/** The body of `POST /api/v1/explain`. */
export const ExplainBody = object(
  {
    text: Type.String({
      minLength: 1,
      maxLength: EXPLAIN_LENGTH,
      description:
        'A code, a reason text, a callback body, a record or answer of the event list, or a push URL. It is not stored.',
    }),
    lang: Type.Optional(LanguageSchema),
  },
  'Explain',
);

/** What a text can be. */
const PASTED_KINDS = [
  'code',
  'api-error',
  'text',
  'callback',
  'record',
  'facts',
  'push-url',
  'unknown',
] as const;

/** What Breakwatch concludes from an event of which no more is known than the text says. */
const VerdictSchema = object(
  {
    outcome: Outcome,
    confidence: Confidence,
    ground: Ground,
    runbook: Type.String(),
    evidence: EvidenceList,
    notChecked: Type.Array(Type.String({ description: 'A fact.' })),
    alternates: Type.Array(
      object({
        id: Type.String(),
        kind: oneOf(['reason', 'rule']),
        title: Type.String(),
        missing: Type.Array(Type.String({ description: 'A fact that would decide.' })),
      }),
    ),
    rule: nullable(
      object({
        id: Type.String(),
        name: Type.String(),
        conditions: Type.Array(ConditionLineSchema),
      }),
    ),
  },
  'ExplainedVerdict',
);

const CauseSchema = object(
  {
    count: Type.Integer({ minimum: 1, description: 'Events with this cause.' }),
    code: Type.String({ description: 'Empty when there is none; several are joined with commas.' }),
    reason: nullable(Type.String()),
    title: Type.String({ description: 'Of the reason, or of the error of the API.' }),
    category: Category,
    severity: Severity,
    side: Side,
    retry: RetrySchema,
    cause: Type.String(),
    fix: Type.Array(Type.String()),
    facts: FactsSchema,
    verdict: nullable(VerdictSchema),
  },
  'ExplainedCause',
);
export type ExplainedCause = Static<typeof CauseSchema>;

/** What CSS would do with a push that uses a URL, now. */
const CheckedUrlSchema = object(
  {
    verdict: oneOf(['accepted', 'refused', 'unchecked']),
    refusals: Type.Array(object({ code: Type.String(), problem: Type.String() })),
    warnings: Type.Array(object({ id: Type.String(), text: Type.String() })),
    protocol: oneOf(['rtmp', 'rtmps', 'webrtc', 'srt', 'rtmp-over-srt']),
    domain: Type.String(),
    app: Type.String(),
    stream: Type.String(),
    checkedAt: Time,
    expiresAt: nullable(Time),
    validSeconds: nullable(Type.Integer()),
    secretMatches: oneOf(['yes', 'no', 'keyUnknown', 'absent']),
  },
  'CheckedUrl',
);

/** The answer of `POST /api/v1/explain`, in one language and without secrets. */
export const ExplainAnswer = object(
  {
    set: Type.String({ description: 'Hash of the rules in force.' }),
    kind: oneOf(PASTED_KINDS),
    code: nullable(
      Type.String({ description: 'The text itself, when it is a known code and nothing else.' }),
    ),
    causes: Type.Array(CauseSchema),
    totalCauses: Count,
    events: Count,
    complete: Type.Boolean({ description: 'False when the time was over before all events.' }),
    url: nullable(CheckedUrlSchema),
    problems: Type.Array(object({ line: Type.Integer({ minimum: 1 }), error: AnswerErrorSchema })),
    totalProblems: Count,
  },
  'Explained',
);
export type Explained = Static<typeof ExplainAnswer>;
