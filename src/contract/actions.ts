import Type from 'typebox';
import { streamKey } from './breaks.ts';
import { RequestTime } from './query.ts';
import { nullable, object, oneOf, Time } from './schema.ts';

const STREAM_ACTIONS = ['drop', 'forbid', 'resume'] as const;

/** The body of `POST /api/v1/actions`. */
export const ActionBody = object(
  {
    account: Type.String(),
    action: oneOf(STREAM_ACTIONS),
    domain: Type.String(),
    app: Type.Optional(Type.String({ description: '`live` when absent.' })),
    stream: Type.String(),
    resumeAt: Type.Optional(RequestTime),
    reason: Type.Optional(Type.String()),
    by: Type.Optional(Type.String({ description: 'Who acts, for the audit log.' })),
    confirm: Type.Optional(
      Type.String({
        description: 'The value from the dry run. Without it the request is a dry run.',
      }),
    ),
  },
  'Action',
);

const order = object({
  ...streamKey,
  action: oneOf(STREAM_ACTIONS),
  resumeAt: nullable(Time),
  reason: nullable(Type.String()),
});

/** What an action would do, or what was done. */
export const ActionAnswer = Type.Union([
  object(
    {
      dryRun: Type.Literal(true),
      order,
      state: oneOf(['active', 'inactive', 'forbid', 'unknown']),
      effects: Type.Array(Type.String()),
      confirm: Type.String(),
      confirmUntil: Time,
    },
    'ActionPlan',
  ),
  object(
    { dryRun: Type.Literal(false), order, id: Type.String(), requestId: Type.String() },
    'ActionDone',
  ),
]);

/** One line of the audit log. */
const AuditEntrySchema = object(
  {
    ...streamKey,
    at: Time,
    id: Type.String({ description: 'Id of the action; all its lines have it.' }),
    phase: oneOf(['ordered', 'done', 'failed', 'unknown']),
    via: oneOf(['cli', 'http']),
    by: Type.String(),
    action: oneOf(STREAM_ACTIONS),
    resumeAt: nullable(Time),
    reason: nullable(Type.String()),
    requestId: Type.Optional(Type.String()),
    error: Type.Optional(Type.String()),
  },
  'AuditEntry',
);

/** The audit log, newest first. */
export const ActionsAnswer = object({ actions: Type.Array(AuditEntrySchema) }, 'Actions');
