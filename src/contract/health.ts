import Type, { type Static } from 'typebox';
import type { CoverageGap, EngineHealth } from '../model/health.ts';
import { AnswerErrorSchema } from './query.ts';
import { Count, type Equal, nullable, object, oneOf, Time } from './schema.ts';

const maybeError = nullable(AnswerErrorSchema);

/** A time in which breaks could not be collected as they happened. */
export const CoverageGapSchema = object(
  {
    from: Time,
    to: nullable(Time),
    filledAt: nullable(Time),
    why: Type.Optional(Type.String({ description: 'Code of the error that polls failed with.' })),
  },
  'CoverageGap',
);

const AccountHealthSchema = object(
  {
    account: Type.String(),
    state: oneOf(['ok', 'unverified', 'blind', 'starting']),
    callbacks: Type.Optional(Type.Boolean({ description: 'A callback key is configured.' })),
    lastPollAt: nullable(Time),
    lastCallbackAt: nullable(Time),
    missedCallbacks: Type.Optional(nullable(Count)),
    unreadableFields: Type.Optional(
      Type.Array(object({ field: Type.String(), count: Count }), {
        description: 'Callback fields that were left out because their values cannot be used.',
      }),
    ),
    recovery: Type.Optional(
      nullable(object({ waiting: Count, found: Count, notFound: Count, error: maybeError })),
    ),
    gaps: Type.Optional(Type.Array(CoverageGapSchema)),
    backfill: Type.Optional(
      nullable(
        object({
          from: Time,
          to: Time,
          doneUntil: Time,
          remainingMs: Type.Number(),
          etaMs: nullable(Type.Number()),
          done: Type.Boolean(),
        }),
      ),
    ),
    error: maybeError,
  },
  'AccountHealth',
);

const revision = {
  revision: Count,
  set: Type.String({ description: 'Hash of the rule set.' }),
  publishedAt: Time,
  by: Type.String(),
};
/** A published revision of the rules. */
export const RevisionSchema = object(revision);
/** The servers that cannot run a revision of the rules, or do not know yet. */
export const WaitsForSchema = Type.Array(object({ server: Type.String(), why: Type.String() }));

/** The answer of `GET /api/v1/health`. */
export const HealthAnswer = object(
  {
    ok: Type.Boolean(),
    version: Type.String(),
    publicUrl: Type.Optional(
      nullable(Type.String({ description: 'alerts.publicUrl of the configuration.' })),
    ),
    accounts: Type.Array(AccountHealthSchema),
    rules: object({ set: Type.String(), count: Count, loadedAt: Time, error: maybeError }),
    store: object({
      kind: Type.String(),
      breaks: Count,
      journal: Count,
      integrity: Type.Optional(
        object({
          state: oneOf(['checking', 'ok', 'damaged', 'failed']),
          checkedAt: nullable(Time),
          error: maybeError,
        }),
      ),
      connections: Type.Optional(object({ max: Count, open: Count, idle: Count, waiting: Count })),
      oldestPartition: Type.Optional(Time),
    }),
    deriving: Type.Optional(object({ behind: Count, error: maybeError })),
    retention: Type.Optional(
      object({
        keepDays: Count,
        keptFrom: nullable(Time),
        oldest: nullable(Time),
        running: Type.Boolean(),
        purgedAt: nullable(Time),
        purged: object({ breaks: Count, pushes: Count, documents: Count, journal: Count }),
        refused: Count,
        inFuture: Type.Optional(Count),
        error: maybeError,
      }),
    ),
    mute: Type.Optional(
      object({
        entries: Count,
        now: Type.Array(object({ name: Type.String(), until: nullable(Time) })),
        error: maybeError,
      }),
    ),
    cluster: Type.Optional(
      object({
        server: Type.String(),
        leads: Type.Boolean(),
        leader: nullable(Type.String()),
        servers: Type.Array(
          object({
            name: Type.String(),
            leads: Type.Boolean(),
            seenAgoMs: Type.Number(),
            version: nullable(Type.String()),
            rules: nullable(Type.String()),
            files: Type.Optional(nullable(Type.String())),
            clockAheadMs: nullable(Type.Number()),
          }),
        ),
        rules: Type.Optional(
          nullable(
            object({
              ...revision,
              waiting: nullable(object({ ...revision, waitsFor: WaitsForSchema })),
            }),
          ),
        ),
        errors: Type.Array(AnswerErrorSchema),
      }),
    ),
  },
  'Health',
);

/** The answer of `GET /api/v1/check`. */
export const CheckAnswer = object(
  {
    ok: Type.Boolean(),
    message: Type.String({ description: 'What works, or what is wrong and how to correct it.' }),
    health: HealthAnswer,
  },
  'Check',
);

/** The answer of `GET /healthz`. */
export const AliveAnswer = object({ alive: Type.Boolean() });

/** The answer of `GET /readyz`. */
export const ReadinessAnswer = object(
  {
    ready: Type.Boolean(),
    counts: object({ problems: Count, warnings: Count }),
    problems: Type.Optional(
      Type.Array(AnswerErrorSchema, {
        description: 'Why it is not ready; only for callers that may read.',
      }),
    ),
    warnings: Type.Optional(
      Type.Array(AnswerErrorSchema, {
        description:
          'What is wrong and does not keep it from serving; only for callers that may read.',
      }),
    ),
  },
  'Readiness',
);
/** Whether the server can serve, and what is wrong. */
export type Readiness = Static<typeof ReadinessAnswer>;

true satisfies Equal<Static<typeof CoverageGapSchema>, CoverageGap>;
true satisfies Equal<Static<typeof HealthAnswer>, EngineHealth>;
