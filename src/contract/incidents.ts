import Type, { type Static } from 'typebox';
import {
  ALERT_KINDS,
  type AlertInstance,
  type AlertLabels,
  type AlertValues,
} from '../model/alert.ts';
import type { RenderedCard } from '../model/card/render-card.ts';
import {
  DUTY_KINDS,
  FEEDBACK_SUBJECTS,
  FEEDBACK_VERDICTS,
  type Feedback,
  INCIDENT_STATES,
  type IncidentRemarks,
  type ReportedIncident,
  SCOPE_KINDS,
  type Scope,
  STREAM_STATES,
  type StoredCause,
  type StoredIncident,
} from '../model/incident.ts';
import {
  type ChannelStatus,
  type ChannelTest,
  NOTICE_KINDS,
  type OutboxEntry,
} from '../model/notice.ts';
import { GROUP_BY } from '../model/query.ts';
import { ALERT_STATES, OUTCOMES } from '../model/vocabulary.ts';
import { Category, Confidence, Severity, Side } from './breaks.ts';
import { AnswerErrorSchema } from './query.ts';
import { Count, type Equal, nullable, object, oneOf, Time } from './schema.ts';

const maybeText = nullable(Type.String());

/** What the streams of an incident share. */
export const ScopeSchema = object(
  { kind: oneOf(SCOPE_KINDS), account: Type.String(), value: Type.String() },
  'Scope',
);

/** The stored cause of an incident. */
const StoredCauseSchema = object(
  {
    breakId: Type.String(),
    reason: Type.String(),
    outcome: oneOf(OUTCOMES),
    category: Category,
    severity: Severity,
    side: Side,
    confidence: Confidence,
    runbook: Type.String(),
    rule: object({ id: Type.String(), hash: Type.String() }),
  },
  'StoredCause',
);

const incidentDisplay = object(
  {
    countedAt: Time,
    outages: Count,
    silentSince: nullable(Time),
    downSince: nullable(Time),
    shownStreams: Type.Array(
      object({
        domain: Type.String(),
        app: Type.String(),
        stream: Type.String(),
        state: oneOf(STREAM_STATES),
        downSince: Time,
        endedAt: nullable(Time),
      }),
    ),
    domains: Count,
    places: object({ clientIp: Count, node: Count, domain: Count, app: Count }),
  },
  'IncidentDisplay',
);

const storedIncident = {
  id: Type.String(),
  scope: ScopeSchema,
  startedAt: Time,
  updatedAt: Time,
  endedAt: nullable(Time),
  holdUntil: nullable(Time),
  streams: Count,
  streamsDown: Count,
  liveBefore: nullable(Count),
  share: nullable(Type.Number()),
  lostMs: Type.Number(),
  afterEffects: Type.Record(Type.String(), Type.Number()),
  state: oneOf([...INCIDENT_STATES, 'gone'] as const),
  cause: StoredCauseSchema,
  firstCause: nullable(StoredCauseSchema),
  breaks: Count,
  display: incidentDisplay,
  examples: Type.Array(Type.String()),
  timeline: Type.Array(
    object({
      at: Time,
      kind: oneOf(['opened', 'blocked', 'recovered', 'reopened', 'resolved', 'silent']),
      down: Count,
    }),
  ),
  mergedInto: maybeText,
};

/** What people said about an incident. */
export const remarks = {
  acknowledged: nullable(object({ at: Time, by: Type.String(), note: maybeText })),
  notes: Type.Array(
    object({ at: Time, by: Type.String(), text: Type.String(), fixed: Type.Boolean() }),
  ),
  duty: Type.Array(
    object({ at: Time, by: Type.String(), kind: oneOf(DUTY_KINDS), note: maybeText }),
    { description: 'Who took and released it, oldest first.' },
  ),
};

/** An incident with what people said about it. */
export const IncidentAnswer = object({ ...storedIncident, ...remarks }, 'Incident');

/** An incident with what people said about it. */
export type Incident = Static<typeof IncidentAnswer>;

/** The body of an acknowledgement. */
export const AcknowledgeBody = object({
  by: Type.String(),
  note: Type.Optional(Type.String()),
  takeOver: Type.Optional(
    Type.Boolean({ description: 'Take it over from the person who acknowledged it before.' }),
  ),
});

/** The body of a release. */
export const ReleaseBody = object({ by: Type.String(), note: Type.Optional(Type.String()) });

/** The body of a note. */
export const NoteBody = object({
  by: Type.String(),
  text: Type.String(),
  fixed: Type.Optional(Type.Boolean({ description: 'The note says what ended the incident.' })),
});

/** The body of feedback. */
export const FeedbackBody = object({
  verdict: oneOf(FEEDBACK_VERDICTS),
  by: Type.String(),
  note: Type.Optional(Type.String()),
});

/** What people send about an incident. */
export type RemarkBody =
  | Static<typeof AcknowledgeBody>
  | Static<typeof ReleaseBody>
  | Static<typeof NoteBody>
  | Static<typeof FeedbackBody>;

/** Feedback as it is stored. */
export const FeedbackSchema = object(
  {
    subject: oneOf(FEEDBACK_SUBJECTS),
    id: Type.String(),
    account: Type.String(),
    verdict: oneOf(FEEDBACK_VERDICTS),
    note: maybeText,
    by: Type.String(),
    at: Time,
    diagnosis: StoredCauseSchema,
  },
  'Feedback',
);

const accuracy = {
  right: Count,
  wrong: Count,
  unrated: nullable(Count),
  share: nullable(Type.Number()),
  interval: nullable(object({ low: Type.Number(), high: Type.Number() })),
};

/** How often causes were right, by what people said. */
export const AccuracyAnswer = object(
  {
    all: object(accuracy),
    rules: Type.Array(object({ ...accuracy, rule: Type.String() })),
    confidences: Type.Array(object({ ...accuracy, confidence: Type.String() })),
    truncated: Type.Boolean(),
  },
  'Accuracy',
);

/** Labels of an alert. */
export const AlertLabelsSchema = Type.Unsafe<AlertLabels>({
  ...Type.Object({
    alertname: Type.String(),
    account: Type.String(),
    category: Category,
    severity: Severity,
    scope: Type.String(),
    scopeValue: Type.String(),
    rule: Type.String(),
    incident: Type.String(),
  }),
  additionalProperties: { type: 'string' },
});

/** Numbers of an alert, which change while it fires. */
const AlertValuesSchema = object({
  minutes: Type.Number(),
  streams: Count,
  streamsDown: Count,
  share: nullable(Type.Number()),
});

/** An alert's texts in one language. */
const AlertTextSchema = object(
  {
    title: Type.String(),
    cause: Type.String(),
    doNow: Type.String(),
    card: Type.String(),
  },
  'AlertText',
);

/** Fields of an alert that are the same in every language. */
export const alertState = {
  labels: AlertLabelsSchema,
  runbook: Type.String(),
  id: Type.String(),
  kind: oneOf(ALERT_KINDS),
  state: oneOf(ALERT_STATES),
  values: AlertValuesSchema,
  startsAt: Time,
  pendingSince: Time,
  firingSince: nullable(Time),
  resolvedAt: nullable(Time),
  updatedAt: Time,
  inhibitedBy: maybeText,
  mutedBy: maybeText,
  notified: object({ page: nullable(Time), update: nullable(Time), resolve: nullable(Time) }),
  notifiedAs: Type.Optional(object({ streams: Count, scope: Type.String() })),
  silent: Type.Optional(Type.Boolean()),
  clearSince: Type.Optional(nullable(Time)),
};

/** An alert in one language. */
const AlertSchema = object(
  {
    ...alertState,
    raisedAt: nullable(Time),
    text: nullable(AlertTextSchema),
    condition: nullable(
      object(
        {
          window: Type.String(),
          threshold: Count,
          groupBy: Type.Array(oneOf(GROUP_BY)),
          for: Type.Optional(Type.String()),
        },
        'AlertCondition',
      ),
    ),
  },
  'Alert',
);
/** An alert in one language, as the HTTP API answers it. */
export type ShownAlert = Static<typeof AlertSchema>;

/** Alerts, newest first. */
export const AlertsAnswer = object({ alerts: Type.Array(AlertSchema) }, 'Alerts');

/** The state of one notification channel. */
const ChannelStatusSchema = object(
  {
    channel: Type.String(),
    waiting: Count,
    givenUp: Count,
    oldestWaitingAt: nullable(Time),
    lastSentAt: nullable(Time),
    failingSince: nullable(Time),
    error: nullable(AnswerErrorSchema),
  },
  'ChannelStatus',
);

/** A notice that waits or was given up, on one channel. */
const OutboxEntrySchema = object(
  {
    id: Type.String(),
    channel: Type.String(),
    state: oneOf(['waiting', 'givenUp']),
    kind: oneOf(NOTICE_KINDS),
    alert: Type.String(),
    account: Type.String(),
    title: Type.String(),
    at: Time,
    tries: Count,
    nextAt: nullable(Time),
    error: nullable(AnswerErrorSchema),
  },
  'OutboxEntry',
);

/** Notices that were not sent yet. */
export const OutboxAnswer = object(
  {
    channels: Type.Array(ChannelStatusSchema),
    warnings: Type.Array(AnswerErrorSchema),
    notices: Type.Array(OutboxEntrySchema),
  },
  'Outbox',
);
/** Notices that were not sent yet. */
export type OutboxAnswer = Static<typeof OutboxAnswer>;

/** Selects a notice on one channel, or on all when `channel` is absent. */
export const NoticeBody = object({ id: Type.String(), channel: Type.Optional(Type.String()) });

/** Selects one channel, or all when `channel` is absent. */
export const ChannelBody = object({ channel: Type.Optional(Type.String()) });

/** Number of channels on which a notice was sent again or dropped. */
export const ChannelsAnswer = object({ channels: Count }, 'Channels');

/** Results of tests of channels. */
export const ChannelTestsAnswer = object(
  {
    tests: Type.Array(
      object({ channel: Type.String(), ok: Type.Boolean(), answer: Type.String() }),
    ),
  },
  'ChannelTests',
);

/** An incident as it is stored. */
export const StoredIncidentSchema = object(storedIncident, 'StoredIncident');
const RemarksSchema = object(remarks);

true satisfies Equal<Static<typeof ScopeSchema>, Scope>;
true satisfies Equal<Static<typeof StoredCauseSchema>, StoredCause>;
true satisfies Equal<Static<typeof StoredIncidentSchema>, StoredIncident>;
true satisfies Equal<Static<typeof RemarksSchema>, IncidentRemarks>;
true satisfies Equal<Static<typeof IncidentAnswer>, ReportedIncident>;
true satisfies Equal<Static<typeof FeedbackSchema>, Feedback>;
true satisfies Equal<Static<typeof AlertValuesSchema>, AlertValues>;
true satisfies Equal<Static<typeof AlertTextSchema>, RenderedCard>;
true satisfies Equal<
  Omit<ShownAlert, 'raisedAt' | 'text' | 'condition'>,
  Omit<AlertInstance, 'card' | 'settled' | 'raised'>
>;
true satisfies Equal<Static<typeof ChannelStatusSchema>, ChannelStatus>;
true satisfies Equal<Static<typeof OutboxEntrySchema>, OutboxEntry>;
true satisfies Equal<Static<typeof ChannelTestsAnswer>['tests'], ChannelTest[]>;
