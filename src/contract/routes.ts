import Type, { type Static, type TObject, type TSchema } from 'typebox';
import type { ErrorCode } from '../model/error-catalogue.ts';
import { FILTER_NAMES } from '../model/query.ts';
import type { Role } from '../model/vocabulary.ts';
import { ALERT_STATES } from '../model/vocabulary.ts';
import { ActionAnswer, ActionBody, ActionsAnswer } from './actions.ts';
import {
  BreaksAnswer,
  EarlierVerdictsAnswer,
  EvidenceAnswer,
  ImportAnswerSchema,
  LookupAnswer,
  RulesAppliedSchema,
  SnapshotBreaksAnswer,
  SnapshotsAnswer,
} from './breaks.ts';
import { ExplainAnswer, ExplainBody } from './explain.ts';
import { FramesAnswer, FramesRequestBody } from './frames.ts';
import { AliveAnswer, CheckAnswer, HealthAnswer, ReadinessAnswer } from './health.ts';
import {
  AccuracyAnswer,
  AcknowledgeBody,
  AlertsAnswer,
  ChannelBody,
  ChannelsAnswer,
  ChannelTestsAnswer,
  FeedbackBody,
  FeedbackSchema,
  IncidentAnswer,
  NoteBody,
  NoticeBody,
  OutboxAnswer,
  ReleaseBody,
} from './incidents.ts';
import { BREAKS_LIMIT } from './limits.ts';
import { PublicationAnswer, PublishBody } from './publish.ts';
import {
  FiltersSchema,
  LanguageSchema,
  QueryAnswerBody,
  QueryRequestBody,
  RequestTime,
  ValuesAnswer,
} from './query.ts';
import { CoverageAnswer, RuleAnswer, RulesAnswer, RunbookAnswer, TryBody } from './rules.ts';
import { limit, object, oneOf } from './schema.ts';

/** One route of the server with its request, its answer and its errors. */
export interface Route {
  method: 'GET' | 'POST';
  /** With `:name` for parameters. */
  path: string;
  summary: string;
  /** Parameters of the path. */
  params: TObject;
  /** Parameters of the query string. */
  query: TObject;
  /** The JSON body; absent for a route without one, or with a body of another type. */
  body?: TSchema;
  /** Content type of a body that is not JSON. */
  bodyType?: string;
  /** The JSON answer; absent for an answer of another type. */
  answer?: TSchema;
  /** Content type of an answer that is not JSON. */
  answerType?: string;
  /** Whether the route requires the server's token, if it has one. */
  isGuarded: boolean;
  /** The role that a token needs here. */
  role: Role;
  /** The code of an error about the body. */
  bodyError: ErrorCode;
  /** Every error code that the route can answer. */
  errors: readonly ErrorCode[];
}

const STORE_ERRORS = [
  'STORE_FAILED',
  'STORE_FULL',
  'STORE_DAMAGED',
  'STORE_READ_ONLY',
  'STORE_BUSY',
  'DATABASE_UNREACHABLE',
  'DATABASE_REFUSED',
  'DATABASE_NO_RIGHTS',
  'DATABASE_OWNED',
] as const satisfies ErrorCode[];

const TOKEN_ERRORS = [
  'TOKEN_REQUIRED',
  'ROLE_MISSING',
  'TOO_MANY_WRONG_TOKENS',
] as const satisfies ErrorCode[];

const CSS_ERRORS = [
  'CSS_CREDENTIALS',
  'CSS_PERMISSION',
  'CSS_RATE_LIMIT',
  'CSS_ACCOUNT_STOPPED',
  'CSS_BAD_REQUEST',
  'CSS_API_ERROR',
  'CSS_UNREACHABLE',
  'CSS_BAD_ANSWER',
] as const satisfies ErrorCode[];

const EMPTY = object({});

type RouteOptions = Pick<Route, 'method' | 'path' | 'summary'> &
  Partial<Omit<Route, 'errors'>> & { errors?: readonly ErrorCode[] };

/** Fills in the defaults of a route, and the errors that all routes of its kind can answer. */
function route<const G extends RouteOptions>(given: G) {
  const isGuarded = given.path.startsWith('/api/') || given.path === '/metrics';
  const bodyError = given.bodyError ?? 'BAD_QUERY';
  const errors = new Set<ErrorCode>([
    'BAD_QUERY',
    'CROSS_SITE_REQUEST',
    'HOST_NOT_ALLOWED',
    'INTERNAL',
    ...(isGuarded ? (['CONNECTIONS_FULL', ...TOKEN_ERRORS] as const) : []),
    ...(given.body ? (['BAD_JSON', 'BODY_TOO_LARGE', bodyError] as const) : []),
    ...(given.bodyType ? (['BODY_TOO_LARGE'] as const) : []),
    ...(given.errors ?? []),
  ]);
  return {
    params: EMPTY,
    query: EMPTY,
    role: given.method === 'GET' ? 'read' : 'write',
    ...given,
    isGuarded,
    bodyError,
    errors: [...errors],
  } as unknown as Omit<Route, 'params' | 'query' | 'body' | 'answer'> & {
    params: G extends { params: infer S extends TObject } ? S : typeof EMPTY;
    query: G extends { query: infer S extends TObject } ? S : typeof EMPTY;
    body: G extends { body: infer S extends TSchema } ? S : undefined;
    answer: G extends { answer: infer S extends TSchema } ? S : undefined;
  };
}

const lang = { lang: Type.Optional(LanguageSchema) };
const range = { from: Type.Optional(RequestTime), to: Type.Optional(RequestTime) };
const byId = object({ id: Type.String() });
const upTo = (max: number, defaultValue: number) =>
  Type.Optional(limit(max, `Maximum number of entries; ${defaultValue} when absent.`));

/** Entries of the lists of the audit log and of the outbox: the default and the maximum. */
export const LIST_LIMIT = { defaultValue: 100, max: 1_000 } as const;

/** Every route of the server by name, without the files of the page. */
export const ROUTES = {
  query: route({
    method: 'POST',
    path: '/api/v1/query',
    role: 'read',
    summary: 'Tables, series, annotations, incidents, states of streams, alerts and lookups.',
    body: QueryRequestBody,
    answer: QueryAnswerBody,
    errors: [
      ...(['BAD_TIME_RANGE', 'QUERY_TOO_LARGE', 'QUERY_TOO_SLOW', 'SERVER_BUSY'] as const),
      ...STORE_ERRORS,
    ],
  }),
  frames: route({
    method: 'POST',
    path: '/api/v1/frames',
    role: 'read',
    summary: "The answer to one query as frames in Grafana's JSON, for the data source plugin.",
    body: FramesRequestBody,
    answer: FramesAnswer,
    errors: [
      ...(['BAD_TIME_RANGE', 'QUERY_TOO_LARGE', 'QUERY_TOO_SLOW', 'SERVER_BUSY'] as const),
      'COLLECTION_BLIND',
      ...STORE_ERRORS,
    ],
  }),
  breaks: route({
    method: 'GET',
    path: '/api/v1/breaks',
    summary: 'Breaks with their diagnosis, newest first.',
    query: object({
      ...FiltersSchema.properties,
      ...range,
      limit: upTo(BREAKS_LIMIT.max, BREAKS_LIMIT.defaultValue),
      next: Type.Optional(Type.String({ description: '`next` of the previous page.' })),
      ...lang,
    }),
    answer: BreaksAnswer,
    errors: ['BAD_TIME_RANGE', 'SERVER_BUSY', ...STORE_ERRORS],
  }),
  evidence: route({
    method: 'GET',
    path: '/api/v1/breaks/:id/evidence',
    summary: 'What CSS measured before a break, fetched now.',
    params: byId,
    query: object(lang),
    answer: EvidenceAnswer,
    errors: ['UNKNOWN_BREAK', 'EVIDENCE_LIMIT', ...STORE_ERRORS],
  }),
  earlierVerdicts: route({
    method: 'GET',
    path: '/api/v1/breaks/:id/diagnoses',
    summary: 'Verdicts on a break that later ones replaced, the latest first.',
    params: byId,
    answer: EarlierVerdictsAnswer,
    errors: STORE_ERRORS,
  }),
  breakFeedback: route({
    method: 'POST',
    path: '/api/v1/breaks/:id/feedback',
    summary: 'Says whether the cause of a break was right.',
    params: byId,
    body: FeedbackBody,
    bodyError: 'BAD_REMARK',
    answer: FeedbackSchema,
    errors: ['UNKNOWN_BREAK', ...STORE_ERRORS],
  }),
  values: route({
    method: 'GET',
    path: '/api/v1/values/:filter',
    summary: 'Values of a filter, most frequent first, at most 1,000.',
    params: object({ filter: oneOf(FILTER_NAMES) }),
    query: object({
      ...range,
      search: Type.Optional(
        Type.String({
          maxLength: 1_024,
          description: 'Only values that contain this text, in any case.',
        }),
      ),
    }),
    answer: ValuesAnswer,
    errors: ['BAD_TIME_RANGE', 'SERVER_BUSY', ...STORE_ERRORS],
  }),
  lookup: route({
    method: 'GET',
    path: '/api/v1/lookup',
    summary: 'What a code, an API error or a reason text means.',
    query: object({ text: Type.String(), ...lang }),
    answer: LookupAnswer,
  }),
  explain: route({
    method: 'POST',
    path: '/api/v1/explain',
    role: 'read',
    summary: 'What a pasted code, text, callback, record or push URL means. Nothing is stored.',
    body: ExplainBody,
    answer: ExplainAnswer,
    errors: ['SERVER_BUSY'],
  }),
  health: route({
    method: 'GET',
    path: '/api/v1/health',
    summary: 'The state of collection, rules and store.',
    answer: HealthAnswer,
    errors: STORE_ERRORS,
  }),
  check: route({
    method: 'GET',
    path: '/api/v1/check',
    summary:
      'Whether collection, rules and store work, in words. Waits up to 8 s for the first poll.',
    answer: CheckAnswer,
    errors: STORE_ERRORS,
  }),
  stream: route({
    method: 'GET',
    path: '/api/v1/stream',
    summary: 'Breaks as they happen, as server-sent events.',
    query: object({ ...FiltersSchema.properties, ...lang }),
    answerType: 'text/event-stream',
    errors: ['STREAM_FULL'],
  }),
  alerts: route({
    method: 'GET',
    path: '/api/v1/alerts',
    summary: 'Alerts as they are now, newest first.',
    query: object({
      state: Type.Optional(oneOf(ALERT_STATES)),
      incident: Type.Optional(Type.String({ description: 'Id of an incident.' })),
      ...lang,
    }),
    answer: AlertsAnswer,
    errors: STORE_ERRORS,
  }),
  outbox: route({
    method: 'GET',
    path: '/api/v1/alerts/outbox',
    summary: 'Notices that wait or were given up, oldest first, and the state of each channel.',
    query: object({ limit: upTo(LIST_LIMIT.max, LIST_LIMIT.defaultValue) }),
    answer: OutboxAnswer,
    errors: STORE_ERRORS,
  }),
  resendNotice: route({
    method: 'POST',
    path: '/api/v1/alerts/outbox/resend',
    summary: 'Sends a notice again.',
    body: NoticeBody,
    answer: ChannelsAnswer,
    errors: ['NO_CHANNELS', 'NOTICE_UNKNOWN', ...STORE_ERRORS],
  }),
  dropNotice: route({
    method: 'POST',
    path: '/api/v1/alerts/outbox/drop',
    summary: 'Removes a notice from the outbox without sending it.',
    body: NoticeBody,
    answer: ChannelsAnswer,
    errors: ['NO_CHANNELS', 'NOTICE_UNKNOWN', ...STORE_ERRORS],
  }),
  testChannels: route({
    method: 'POST',
    path: '/api/v1/alerts/test',
    summary: 'Sends a test alert and its resolve.',
    body: ChannelBody,
    answer: ChannelTestsAnswer,
    errors: ['NO_CHANNELS', 'CHANNEL_UNKNOWN'],
  }),
  accuracy: route({
    method: 'GET',
    path: '/api/v1/accuracy',
    summary: 'How often causes were right, by feedback.',
    query: object(range),
    answer: AccuracyAnswer,
    errors: ['BAD_TIME_RANGE', ...STORE_ERRORS],
  }),
  incident: route({
    method: 'GET',
    path: '/api/v1/incidents/:id',
    summary: 'An incident as it is stored, with what people said about it.',
    params: byId,
    answer: IncidentAnswer,
    errors: ['UNKNOWN_INCIDENT', ...STORE_ERRORS],
  }),
  acknowledge: route({
    method: 'POST',
    path: '/api/v1/incidents/:id/acknowledge',
    summary: 'Says that somebody is working on an incident.',
    params: byId,
    body: AcknowledgeBody,
    bodyError: 'BAD_REMARK',
    answer: IncidentAnswer,
    errors: ['UNKNOWN_INCIDENT', ...STORE_ERRORS],
  }),
  release: route({
    method: 'POST',
    path: '/api/v1/incidents/:id/release',
    summary: 'Says that nobody is working on an incident any more.',
    params: byId,
    body: ReleaseBody,
    bodyError: 'BAD_REMARK',
    answer: IncidentAnswer,
    errors: ['UNKNOWN_INCIDENT', ...STORE_ERRORS],
  }),
  addNote: route({
    method: 'POST',
    path: '/api/v1/incidents/:id/note',
    summary: 'Adds a note to an incident.',
    params: byId,
    body: NoteBody,
    bodyError: 'BAD_REMARK',
    answer: IncidentAnswer,
    errors: ['UNKNOWN_INCIDENT', ...STORE_ERRORS],
  }),
  incidentFeedback: route({
    method: 'POST',
    path: '/api/v1/incidents/:id/feedback',
    summary: 'Says whether the cause of an incident was right.',
    params: byId,
    body: FeedbackBody,
    bodyError: 'BAD_REMARK',
    answer: FeedbackSchema,
    errors: ['UNKNOWN_INCIDENT', ...STORE_ERRORS],
  }),
  import: route({
    method: 'POST',
    path: '/api/v1/import',
    summary:
      'Imports an export, callback bodies or records of the event list, one JSON document for each line.',
    query: object({
      account: Type.Optional(
        Type.String({
          description:
            'Account of all lines; when absent, the one that each line of an export names, and the only configured one for other lines.',
        }),
      ),
      notify: Type.Optional(
        oneOf(['true', 'false'], 'Whether imported breaks may notify; false when absent.'),
      ),
    }),
    bodyType: 'application/x-ndjson',
    answer: ImportAnswerSchema,
    errors: ['UNKNOWN_ACCOUNT', ...STORE_ERRORS],
  }),
  export: route({
    method: 'GET',
    path: '/api/v1/export',
    summary: 'The journal, masked, and the facts of breaks as JSON lines that the import reads.',
    query: object({
      account: FiltersSchema.properties.account,
      domain: FiltersSchema.properties.domain,
      app: FiltersSchema.properties.app,
      stream: FiltersSchema.properties.stream,
      ...range,
    }),
    answerType: 'application/x-ndjson',
    errors: ['BAD_TIME_RANGE', 'SERVER_BUSY', ...STORE_ERRORS],
  }),
  rules: route({
    method: 'GET',
    path: '/api/v1/rules',
    summary: 'The rules in force.',
    query: object(lang),
    answer: RulesAnswer,
  }),
  coverage: route({
    method: 'GET',
    path: '/api/v1/rules/coverage',
    summary: 'Which reasons, codes and texts have a rule, and which rules win in no test.',
    answer: CoverageAnswer,
  }),
  rule: route({
    method: 'GET',
    path: '/api/v1/rules/:id',
    summary: 'One rule in force, in words, with the results of its tests.',
    params: byId,
    query: object(lang),
    answer: RuleAnswer,
    errors: ['UNKNOWN_RULE'],
  }),
  tryRule: route({
    method: 'POST',
    path: '/api/v1/rules/try',
    role: 'read',
    summary:
      'Checks and back-tests an edit of a rule, and changes nothing. One JSON document a line.',
    body: TryBody,
    answerType: 'application/x-ndjson',
    errors: ['BAD_TIME_RANGE', 'SERVER_BUSY'],
  }),
  runbook: route({
    method: 'GET',
    path: '/api/v1/runbooks/:name',
    summary: 'A runbook as HTML.',
    params: object({ name: Type.String() }),
    query: object(lang),
    answer: RunbookAnswer,
    errors: ['NOT_FOUND'],
  }),
  applyRules: route({
    method: 'POST',
    path: '/api/v1/rules/apply',
    summary: 'Diagnoses stored breaks again with the rules in force, a part with each request.',
    query: object({ from: RequestTime, to: RequestTime, next: Type.Optional(Type.String()) }),
    answer: RulesAppliedSchema,
    errors: ['BAD_TIME_RANGE', ...STORE_ERRORS],
  }),
  publishRules: route({
    method: 'POST',
    path: '/api/v1/rules/publish',
    summary:
      'Puts the rules in the folders of this server in force on all that share its database; without `hash` it shows what would change.',
    body: PublishBody,
    answer: PublicationAnswer,
    errors: [
      'RULES_NOT_SHARED',
      'RULES_FILES_CHANGED',
      'RULE_FILE_INVALID',
      'RULE_TEST_FAILED',
      'RULES_FOLDER_MISSING',
      ...STORE_ERRORS,
    ],
  }),
  act: route({
    method: 'POST',
    path: '/api/v1/actions',
    role: 'act',
    summary: 'Drops, forbids or resumes a stream; without `confirm` it is a dry run.',
    query: object(lang),
    body: ActionBody,
    bodyError: 'BAD_ACTION',
    answer: ActionAnswer,
    errors: [
      'BAD_TIME_RANGE',
      'UNKNOWN_ACCOUNT',
      'ACTIONS_OFF',
      'ACTION_UNCONFIRMED',
      'ACTION_LIMIT',
      'ACTION_FAILED',
      'AUDIT_FAILED',
      ...CSS_ERRORS,
    ],
  }),
  actions: route({
    method: 'GET',
    path: '/api/v1/actions',
    summary: 'The audit log, newest first.',
    query: object({ limit: upTo(LIST_LIMIT.max, LIST_LIMIT.defaultValue) }),
    answer: ActionsAnswer,
    errors: ['AUDIT_FAILED'],
  }),
  snapshots: route({
    method: 'GET',
    path: '/api/v1/snapshots',
    summary: 'Numbers of the blocks of fact snapshots; for a Breakwatch of the same version.',
    answer: SnapshotsAnswer,
    errors: STORE_ERRORS,
  }),
  snapshotBreaks: route({
    method: 'GET',
    path: '/api/v1/snapshots/breaks',
    summary: 'Breaks by their numbers in blocks.',
    query: object({
      places: Type.String({ description: 'Up to 1000 numbers, separated by commas.' }),
    }),
    answer: SnapshotBreaksAnswer,
    errors: STORE_ERRORS,
  }),
  snapshotBlock: route({
    method: 'GET',
    path: '/api/v1/snapshots/:block',
    summary: 'One block of fact snapshots.',
    params: object({ block: Type.String() }),
    answerType: 'application/octet-stream',
    errors: ['NOT_FOUND', ...STORE_ERRORS],
  }),
  openApi: route({
    method: 'GET',
    path: '/api/v1/openapi.json',
    summary: 'This document.',
    answer: Type.Unsafe<object>({ type: 'object' }),
  }),
  metrics: route({
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics in the Prometheus text format.',
    answerType: 'text/plain',
  }),
  alive: route({
    method: 'GET',
    path: '/healthz',
    summary: 'Answers while the process runs.',
    answer: AliveAnswer,
  }),
  ready: route({
    method: 'GET',
    path: '/readyz',
    summary: 'Whether the server can serve: 200, or 503 with the problems.',
    answer: ReadinessAnswer,
  }),
  callback: route({
    method: 'POST',
    path: '/callbacks/css/:account',
    summary: 'Receives a callback of CSS and answers when it is on disk.',
    params: object({ account: Type.String() }),
    // CSS signs it, and src/css/callbacks checks its fields.
    body: Type.Unsafe<unknown>({ type: 'object' }),
    answer: object({ code: Type.Literal(0) }),
    errors: [
      'UNKNOWN_ACCOUNT',
      'CALLBACK_UNSIGNED',
      'CALLBACK_BAD_SIGN',
      'CALLBACK_EXPIRED',
      'CALLBACK_BAD_FIELD',
      'CALLBACK_UNKNOWN_TYPE',
      'CALLBACK_OF_OTHER_PRODUCT',
      'CALLBACK_FORM_ENCODED',
      'CALLBACK_NO_KEY',
      'CALLBACK_FROM_ELSEWHERE',
      'EVENT_TOO_OLD',
      'EVENT_IN_FUTURE',
      ...STORE_ERRORS,
    ],
  }),
} as const;

/** The type of a route's answer. */
export type AnswerOf<R> = R extends { answer: infer S extends TSchema } ? Static<S> : never;
