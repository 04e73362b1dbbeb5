import Type, { type Static } from 'typebox';
import type { BreakEvent } from '../model/break.ts';
import type { FlatDiagnosis, RuleTexts, Verdict } from '../model/diagnosis.ts';
import type { Facts, PlacedBreak } from '../model/facts.ts';
import type { LocalizedText } from '../model/localized-text.ts';
import type { BreakEvidence, StreamLabel } from '../model/push.ts';
import {
  CATEGORIES,
  CONFIDENCES,
  OUTCOMES,
  type Retry,
  SEVERITIES,
  SIDES,
  SOURCES,
} from '../model/vocabulary.ts';
import { AnswerErrorSchema } from './query.ts';
import { Count, type Equal, nullable, object, oneOf, Time } from './schema.ts';

export const Category = oneOf(CATEGORIES);
export const Severity = oneOf(SEVERITIES);
export const Side = oneOf(SIDES);
export const Outcome = oneOf(OUTCOMES);
export const Confidence = oneOf(CONFIDENCES);

/** `none`, `after-fix`, or a wait such as `30s`. */
export const RetrySchema = Type.Unsafe<Retry>({
  type: 'string',
  pattern: '^(none|after-fix|[1-9]\\d*s)$',
  description: 'none, after-fix, or a wait such as 30s',
});

const FactValue = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

/** Facts by name, as they were when the break was diagnosed. */
export const FactsSchema = Type.Record(Type.String(), FactValue, { title: 'Facts' });

/** The account and the three parts that name a stream. */
export const streamKey = {
  account: Type.String(),
  domain: Type.String({ description: 'Push domain.' }),
  app: Type.String({ description: 'AppName.' }),
  stream: Type.String({ description: 'StreamName.' }),
};

const breakEvent = {
  ...streamKey,
  id: Type.String(),
  outcome: Outcome,
  startedAt: nullable(Time),
  endedAt: Time,
  durationMs: nullable(Type.Number()),
  reason: Type.String({ description: 'Reason id.' }),
  code: nullable(object({ errcode: Type.Number(), subErrcode: nullable(Type.Number()) })),
  bypassCode: nullable(Type.Number()),
  reasonText: nullable(Type.String()),
  clientIp: nullable(Type.String()),
  node: nullable(Type.String()),
  resolution: nullable(Type.String()),
  sequence: nullable(Type.String()),
  recoveredAt: nullable(Time),
  sources: Type.Array(
    object({
      source: oneOf(SOURCES),
      key: Type.String(),
      receivedAt: Time,
      quiet: Type.Optional(Type.Literal(true, { description: 'Imported, so it notifies nobody.' })),
    }),
  ),
  facts: FactsSchema,
};

/** A break as it is stored. */
export const BreakEventSchema = object(breakEvent, 'BreakEvent');

/** The ground for the confidence. */
export const Ground = oneOf([
  'specific-code',
  'unambiguous-text',
  'decisive-evidence',
  'evidence',
  'ambiguous-code',
  'shared-text',
  'similar-text',
  'samples-contradict',
  'unrecognized',
]);

const evidence = {
  fact: Type.String(),
  value: FactValue,
  expected: Type.Optional(
    Type.Array(
      object({
        operator: Type.String(),
        value: Type.Union([
          FactValue,
          Type.Array(FactValue),
          object({ fact: Type.String({ description: 'Another fact.' }) }),
        ]),
        otherValue: Type.Optional(FactValue),
      }),
      { description: 'What the rule expects of the fact; all of them hold.' },
    ),
  ),
  unit: Type.Optional(Type.String()),
};

/** Facts that support a conclusion. */
export const EvidenceList = Type.Array(object(evidence));

const alternate = {
  id: Type.String(),
  kind: oneOf(['reason', 'rule']),
  hash: Type.Optional(Type.String({ description: 'Content hash of the rule.' })),
  missing: Type.Array(Type.String()),
};

const conclusion = {
  reason: Type.String(),
  category: Category,
  outcome: Outcome,
  severity: Severity,
  side: Side,
  retry: RetrySchema,
  runbook: Type.String(),
  ruleSet: Type.String({ description: 'Hash of the rule set.' }),
  confidence: Confidence,
  ground: Ground,
  evidence: EvidenceList,
  notChecked: Type.Array(Type.String()),
  alternates: Type.Array(object(alternate)),
};

/** The patch of a team that changed the rule. */
const PatchSchema = object({ file: Type.String(), hash: Type.String() });

/** The conclusion about a break, without the texts of its rule. */
export const VerdictSchema = object(
  {
    ...conclusion,
    rule: object({
      id: Type.String(),
      hash: Type.String(),
      file: Type.String(),
      name: Type.String(),
      patch: Type.Optional(PatchSchema),
    }),
  },
  'Verdict',
);

/** A text in several languages. */
const LocalizedTextSchema = object(
  {
    en: Type.String(),
    zh: Type.Optional(Type.String()),
    ja: Type.Optional(Type.String()),
    ko: Type.Optional(Type.String()),
  },
  'LocalizedText',
);

/** The texts of one rule, kept by its content hash. */
const RuleTextsSchema = object(
  {
    ruleHash: Type.String(),
    cause: LocalizedTextSchema,
    fix: Type.Array(LocalizedTextSchema),
  },
  'RuleTexts',
);

/** A diagnosis in one language. */
const DiagnosisSchema = object(
  {
    ...conclusion,
    rule: Type.String({ description: 'Rule id.' }),
    ruleHash: Type.String(),
    ruleFile: Type.String(),
    rulePatch: Type.Optional(PatchSchema),
    cause: Type.String(),
    fix: Type.Array(Type.String()),
    evidence: Type.Array(
      object({
        ...evidence,
        title: Type.Optional(
          Type.String({ description: 'The name of the reason that the value is the id of.' }),
        ),
      }),
    ),
    alternates: Type.Array(
      object({
        ...alternate,
        title: Type.Optional(
          Type.String({ description: 'What the cause is called; absent when it is not stored.' }),
        ),
      }),
    ),
  },
  'Diagnosis',
);

/** Names a stream for people, from the directory or the push URL. */
const StreamLabelSchema = object(
  {
    name: Type.String(),
    room: nullable(Type.String()),
    user: nullable(Type.String()),
    type: nullable(Type.String()),
    team: nullable(Type.String()),
    vip: Type.Boolean(),
    contact: nullable(Type.String()),
  },
  'StreamLabel',
);

/** A break with its diagnosis in one language. */
const ShownBreakSchema = object(
  { ...breakEvent, label: nullable(StreamLabelSchema), diagnosis: DiagnosisSchema },
  'Break',
);
/** A break with its diagnosis in one language, as the HTTP API answers it. */
export type ShownBreak = Static<typeof ShownBreakSchema>;

/** One page of breaks, newest first. */
export const BreaksAnswer = object(
  {
    breaks: Type.Array(ShownBreakSchema),
    next: nullable(Type.String({ description: 'Send it as `next` for the following page.' })),
    truncated: Type.Boolean({ description: 'There are more breaks than this page holds.' }),
  },
  'Breaks',
);
/** One page of breaks, newest first. */
export type BreaksPage = Static<typeof BreaksAnswer>;

/** Verdicts that later ones replaced, the latest first. */
export const EarlierVerdictsAnswer = object(
  { earlier: Type.Array(object({ replacedAt: Time, verdict: VerdictSchema })) },
  'EarlierVerdicts',
);

const beforeAfter = nullable(object({ before: Type.Number(), after: Type.Number() }));
const maybeNumber = nullable(Type.Number());

/** What CSS measured before a break. */
export const EvidenceAnswer = object(
  {
    ...streamKey,
    breakId: Type.String(),
    endedAt: Time,
    askedAt: Time,
    state: nullable(oneOf(['active', 'inactive', 'forbid', 'unknown'])),
    finding: object({
      kind: oneOf([
        'refused',
        'none',
        'few',
        'uplink',
        'lagging',
        'video-fell',
        'audio-fell',
        'all-fell',
        'low',
        'steady',
      ]),
      count: Count,
      fps: beforeAfter,
      videoRate: beforeAfter,
      audioRate: beforeAfter,
      lagGrowthMs: maybeNumber,
      fellForMs: maybeNumber,
      silentMs: maybeNumber,
    }),
    sentence: Type.String(),
    samples: Type.Array(
      object({
        at: Time,
        videoFps: maybeNumber,
        videoRate: maybeNumber,
        audioFps: maybeNumber,
        audioRate: maybeNumber,
        lagMs: maybeNumber,
      }),
    ),
    push: nullable(object({ params: Type.String(), facts: FactsSchema })),
    exceptions: Type.Array(
      object({
        at: Time,
        type: Type.Number(),
        text: Type.String(),
        count: Type.Number(),
        detail: nullable(Type.String()),
      }),
    ),
    problems: Type.Array(AnswerErrorSchema),
  },
  'Evidence',
);

/** Meanings of a code, an API error or a reason text, in one language. */
export const LookupAnswer = object(
  {
    entries: Type.Array(
      object({
        kind: oneOf(['reason', 'bypass', 'api']),
        code: Type.String(),
        reason: nullable(Type.String()),
        category: Category,
        title: Type.String(),
        cause: Type.String(),
        fix: Type.Array(Type.String()),
        retry: Type.Optional(RetrySchema),
        side: Type.Optional(Side),
        severity: Type.Optional(Severity),
        rule: nullable(Type.String()),
        runbook: nullable(Type.String()),
      }),
    ),
  },
  'Lookup',
);

/** Result of an import. */
export const ImportAnswerSchema = object(
  {
    lines: Count,
    accepted: Count,
    duplicates: Count,
    rejected: Count,
    restored: Type.Integer({
      minimum: 0,
      description: 'Breaks that were given the facts of an export.',
    }),
    errors: Type.Array(object({ line: Count, error: AnswerErrorSchema })),
  },
  'Import',
);
/** Result of an import. */
export type ImportAnswer = Static<typeof ImportAnswerSchema>;

/** Result of applying rules to a part of the history. */
export const RulesAppliedSchema = object(
  {
    read: Count,
    changed: Count,
    total: nullable(Count),
    ruleSet: Type.String(),
    next: nullable(Type.String({ description: 'Send it with the next request; null at the end.' })),
  },
  'RulesApplied',
);

/** Numbers of the blocks of fact snapshots. */
export const SnapshotsAnswer = object({ blocks: Type.Array(Type.Number()) }, 'Snapshots');

/** Breaks by their numbers in blocks. */
export const SnapshotBreaksAnswer = object(
  {
    breaks: Type.Array(
      object({
        place: Type.Number(),
        id: Type.String(),
        endedAt: Time,
        stream: Type.String(),
        facts: FactsSchema,
      }),
    ),
  },
  'SnapshotBreaks',
);

true satisfies Equal<Static<typeof FactsSchema>, Facts>;
true satisfies Equal<Static<typeof BreakEventSchema>, BreakEvent>;
true satisfies Equal<Static<typeof VerdictSchema>, Verdict>;
true satisfies Equal<Static<typeof LocalizedTextSchema>, LocalizedText>;
true satisfies Equal<Static<typeof RuleTextsSchema>, RuleTexts>;
true satisfies Equal<Static<typeof DiagnosisSchema>, FlatDiagnosis>;
true satisfies Equal<Static<typeof StreamLabelSchema>, StreamLabel>;
true satisfies Equal<Static<typeof EvidenceAnswer>, BreakEvidence>;
true satisfies Equal<Static<typeof SnapshotBreaksAnswer>['breaks'], PlacedBreak[]>;
