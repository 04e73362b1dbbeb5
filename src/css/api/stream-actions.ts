import { maskedError } from '../../secrets/masked-error.ts';
import { printCssTime } from '../css-time.ts';
import type { ApiCaller } from './api-caller.ts';

/** Actions on a stream. */
export const STREAM_ACTIONS = ['drop', 'forbid', 'resume'] as const;
export type StreamAction = (typeof STREAM_ACTIONS)[number];

/** A request for one action on one stream. */
export interface StreamActionRequest {
  account: string;
  action: StreamAction;
  /** Push domain. */
  domain: string;
  /** AppName. */
  app: string;
  /** StreamName. */
  stream: string;
  /** When a ban ends, epoch ms UTC. Only for `forbid`, where null means CSS's default of 7 days. */
  resumeAt: number | null;
  /** Reason for the audit log. CSS only accepts it for `forbid`. */
  reason: string | null;
}

/** State of a stream, as CSS reports it. */
export type StreamState = 'active' | 'inactive' | 'forbid' | 'unknown';

/** Limits of ForbidLiveStream (source: its API document). */
const MAX_BAN_MS = 90 * 86_400_000;
const MAX_REASON_BYTES = 2_048;
const MAX_NAME_LENGTH = 256;

const API_ACTIONS: Record<StreamAction, string> = {
  drop: 'DropLiveStream',
  forbid: 'ForbidLiveStream',
  resume: 'ResumeLiveStream',
};

/** Name of the API action, as in CAM policies. */
export function apiActionOf(action: StreamAction): string {
  return API_ACTIONS[action];
}

function bad(problem: string): never {
  throw maskedError('BAD_ACTION', { problem });
}

/**
 * Checks a request before it is sent to CSS.
 *
 * @param given - fields of {@link StreamActionRequest}; `app` defaults to `live`
 * @param now - epoch ms UTC
 * @throws `BAD_ACTION` naming the field
 */
export function checkActionRequest(
  given: { [Field in keyof StreamActionRequest]?: unknown },
  now: number,
): StreamActionRequest {
  const name = (field: 'account' | 'domain' | 'app' | 'stream', fallback?: string): string => {
    const value = given[field] ?? fallback;
    if (typeof value !== 'string' || value.trim() === '') {
      return bad(`${field} is missing`);
    }
    // CSS has no patterns: it would take "*" as part of the name.
    if (value.length > MAX_NAME_LENGTH || /[\s\p{Cc}*]/u.test(value)) {
      return bad(
        `${field} must have at most ${MAX_NAME_LENGTH} characters, without spaces and "*"`,
      );
    }
    return value;
  };
  const action = STREAM_ACTIONS.find((known) => known === given.action);
  if (!action) {
    return bad(`action must be one of ${STREAM_ACTIONS.join(', ')}`);
  }
  const resumeAt = given.resumeAt ?? null;
  if (resumeAt !== null) {
    if (action !== 'forbid') {
      return bad('resumeAt is only allowed with forbid');
    }
    if (typeof resumeAt !== 'number' || !(resumeAt > now && resumeAt <= now + MAX_BAN_MS)) {
      return bad('resumeAt must be a time within the next 90 days');
    }
  }
  const reason = given.reason ?? null;
  if (
    reason !== null &&
    (typeof reason !== 'string' || Buffer.byteLength(reason) > MAX_REASON_BYTES)
  ) {
    return bad(`reason must be a string of at most ${MAX_REASON_BYTES} bytes`);
  }
  return {
    account: name('account'),
    action,
    domain: name('domain'),
    app: name('app', 'live'),
    stream: name('stream'),
    resumeAt,
    reason: reason === '' ? null : (reason as string | null),
  };
}

/**
 * Sends an action to CSS.
 *
 * @returns CSS's request id
 * @throws `CSS_*`
 */
export async function callStreamAction(
  caller: ApiCaller,
  request: StreamActionRequest,
): Promise<{ requestId: string }> {
  const { action, domain, app, stream, resumeAt, reason } = request;
  const answer = await caller.call(API_ACTIONS[action], {
    DomainName: domain,
    AppName: app,
    StreamName: stream,
    ...(resumeAt === null ? {} : { ResumeTime: printCssTime(resumeAt) }),
    ...(reason === null || action !== 'forbid' ? {} : { Reason: reason }),
  });
  return { requestId: typeof answer?.RequestId === 'string' ? answer.RequestId : 'none' };
}

/** Reads the state of a stream from CSS. @throws `CSS_*` */
export async function readStreamState(
  caller: ApiCaller,
  { domain, app, stream }: Pick<StreamActionRequest, 'domain' | 'app' | 'stream'>,
): Promise<StreamState> {
  const answer = await caller.call('DescribeLiveStreamState', {
    DomainName: domain,
    AppName: app,
    StreamName: stream,
  });
  const state = answer?.StreamState;
  return state === 'active' || state === 'inactive' || state === 'forbid' ? state : 'unknown';
}
