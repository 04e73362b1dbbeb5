import Type, { type Static } from 'typebox';
import type { AlertInstance, AlertLabelSet } from '../model/alert.ts';
import type { BreakRecord, JournalEntry } from '../model/break.ts';
import { CARD_PARTS, type Phrase } from '../model/card/card.ts';
import type { StoredRemarks } from '../model/incident.ts';
import { type AlertNotice, NOTICE_KINDS, OUTBOX_STATES } from '../model/notice.ts';
import { SOURCES } from '../model/vocabulary.ts';
import { BreakEventSchema, VerdictSchema } from './breaks.ts';
import { CoverageGapSchema } from './health.ts';
import {
  AlertLabelsSchema,
  alertState,
  FeedbackSchema,
  remarks,
  ScopeSchema,
  StoredIncidentSchema,
} from './incidents.ts';
import { AnswerErrorSchema, RangeSchema } from './query.ts';
import { type Equal, nullable, object, oneOf, Time } from './schema.ts';

/** One arrival as the journal stores it, masked. */
export const JournalEntrySchema = object(
  {
    account: Type.String(),
    source: oneOf(SOURCES),
    key: Type.String(),
    receivedAt: Time,
    body: Type.Record(Type.String(), Type.Unknown()),
    derived: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  },
  'JournalEntry',
);

/** A break as it is stored. */
export const BreakRecordSchema = object(
  { event: BreakEventSchema, verdict: VerdictSchema },
  'BreakRecord',
);

/** A phrase: its id in the phrasebook and the values that this id needs. */
const PhraseSchema = Type.Unsafe<Phrase>({
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string' } },
});

/** A card as typed lines, without language and time zone. */
const CardSchema = Type.Array(
  object({ part: oneOf(CARD_PARTS), facts: Type.Array(Type.Array(PhraseSchema)) }),
  { title: 'Card' },
);

const labelSet = {
  labels: AlertLabelsSchema,
  runbook: Type.String(),
  settled: Type.Optional(CardSchema),
};
const AlertLabelSetSchema = object(labelSet, 'AlertLabelSet');

/** An alert as it is stored. */
const StoredAlertSchema = object(
  {
    ...alertState,
    ...labelSet,
    card: CardSchema,
    raised: Type.Optional(
      object({ at: Time, from: AlertLabelSetSchema, silently: Type.Optional(Type.Boolean()) }),
    ),
  },
  'StoredAlert',
);

/** What people said about an incident, as it is stored. */
const StoredRemarksSchema = object(
  { ...remarks, incident: Type.String(), scope: ScopeSchema, reason: Type.String() },
  'StoredRemarks',
);

const NoticeSchema = object({
  id: Type.String(),
  kind: oneOf(NOTICE_KINDS),
  at: Time,
  alert: StoredAlertSchema,
  raised: Type.Optional(Type.Boolean()),
  missed: Type.Optional(Type.Boolean()),
  late: Type.Optional(Type.Boolean()),
  test: Type.Optional(Type.Boolean()),
});

/** A notice in the outbox, with its delivery on each channel. */
export const StoredNoticeSchema = object(
  {
    notice: NoticeSchema,
    channels: Type.Record(
      Type.String(),
      object({
        state: oneOf(OUTBOX_STATES),
        missed: Type.Optional(Type.Boolean()),
        pagedBefore: Type.Optional(Type.Boolean()),
        contentOf: Type.Optional(Type.String()),
        since: Type.Optional(Time),
        error: Type.Optional(AnswerErrorSchema),
      }),
    ),
  },
  'StoredNotice',
);

/** Schemas of the documents in a store, by kind of document. */
export const DOCUMENT_SCHEMAS = {
  incident: StoredIncidentSchema,
  alert: StoredAlertSchema,
  remarks: StoredRemarksSchema,
  feedback: FeedbackSchema,
  notice: StoredNoticeSchema,
} as const;

/** State `poll:<account>`: where polling continues after a restart. */
export const PollStateSchema = object(
  {
    cursor: Time,
    pending: Type.Array(RangeSchema),
    isReread: Type.Boolean(),
    backfill: nullable(RangeSchema),
    oldest: Time,
    listsByEnd: Type.Boolean(),
    listsAllApps: Type.Boolean(),
    apps: Type.Array(Type.String()),
  },
  'PollState',
);

/** State `coverage:<account>`: when breaks of an account could be collected. */
export const CoverageStateSchema = object(
  {
    seenAt: nullable(Time),
    callbacksSince: nullable(Time),
    gaps: Type.Array(CoverageGapSchema),
  },
  'CoverageState',
);

true satisfies Equal<Static<typeof JournalEntrySchema>, JournalEntry>;
true satisfies Equal<Static<typeof BreakRecordSchema>, BreakRecord>;
true satisfies Equal<Static<typeof AlertLabelSetSchema>, AlertLabelSet>;
true satisfies Equal<Static<typeof StoredAlertSchema>, AlertInstance>;
true satisfies Equal<Static<typeof StoredRemarksSchema>, StoredRemarks>;
true satisfies Equal<Static<typeof NoticeSchema>, AlertNotice>;
