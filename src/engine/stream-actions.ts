import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { type ApiCaller, createApiCaller } from '../css/api/index.ts';
import {
  apiActionOf,
  callStreamAction,
  checkActionRequest,
  readStreamState,
  type StreamActionRequest,
  type StreamState,
} from '../css/api/stream-actions.ts';
import type { BreakwatchError } from '../model/errors.ts';
import { pickText } from '../model/localized-text.ts';
import type { Language } from '../model/vocabulary.ts';
import { lookUp } from '../reasons/lookup-code.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import type { AuditEntry, AuditLog } from './audit-log.ts';
import type { Account } from './engine.ts';

/** Who gives an order, and where it comes from. */
interface Actor {
  via: AuditEntry['via'];
  by: string;
}

/** The effects of an order before it is carried out. */
interface ActionPlan {
  order: StreamActionRequest;
  /** The current state of the stream; `unknown` if the request failed. */
  state: StreamState;
  /** The expected effects, in English. */
  effects: string[];
  /** The confirmation: valid for this order only, once, until it expires. */
  confirm: string;
  /** When the confirmation expires, epoch ms UTC. */
  confirmUntil: number;
}

/** An action that was carried out. */
interface ActionDone {
  order: StreamActionRequest;
  /** The same in both lines of the audit log. */
  id: string;
  /** The request id of CSS. */
  requestId: string;
}

/** Drops, forbids and resumes streams, with confirmation, rate limit and audit log. */
export interface StreamActions {
  /**
   * Validates the fields of an order.
   *
   * @param given - fields of an order; times as epoch ms UTC
   * @throws `BAD_ACTION` with the name of the field
   */
  check(given: Partial<Record<keyof StreamActionRequest, unknown>>): StreamActionRequest;
  /**
   * Returns what an order would do, without doing it.
   *
   * @throws `ACTIONS_OFF`, `UNKNOWN_ACCOUNT`
   */
  dryRun(order: StreamActionRequest): Promise<ActionPlan>;
  /**
   * Carries out an order with the confirmation of a dry run. The order is written to the audit log before
   * the request to CSS, and the result after it. The request is made once: a second drop could cut a push
   * that has just come back.
   *
   * @throws `ACTIONS_OFF`, `UNKNOWN_ACCOUNT`, `ACTION_UNCONFIRMED`, `ACTION_LIMIT`, `AUDIT_FAILED`,
   *   `ACTION_FAILED` with cause and fix of the API's error, `CSS_*` if CSS gave no clear answer
   */
  carryOut(
    order: StreamActionRequest,
    confirm: string,
    actor: Actor,
    language?: Language,
  ): Promise<ActionDone>;
  /** Returns the last lines of the audit log, newest first. @throws `AUDIT_FAILED` */
  latest(limit: number): Promise<AuditEntry[]>;
  /** Closes open connections. */
  close(): void;
}

/** The options of {@link createStreamActions}. */
export interface StreamActionsOptions {
  accounts: readonly Account[];
  audit: AuditLog;
  /** The clock, epoch ms UTC. */
  now?: () => number;
  /** Maximum number of actions per account and minute; 10 when absent. */
  maxPerMinute?: number;
}

const CONFIRM_MS = 5 * 60_000;
const MINUTE_MS = 60_000;
const MAX_PER_MINUTE = 10;
/** Number of lines read for the rate limit; a minute has far fewer. */
const RATE_LINES = 2_000;

/** Creates the actions of the accounts that allow them. */
export function createStreamActions(options: StreamActionsOptions): StreamActions {
  const { accounts, audit, now = Date.now, maxPerMinute = MAX_PER_MINUTE } = options;
  const secret = randomBytes(32);
  const used = new Map<string, number>();
  const callers = new Map<string, ApiCaller>();
  let queue: Promise<unknown> = Promise.resolve();

  function callerOf(name: string): ApiCaller {
    const account = accounts.find((one) => one.name === name);
    if (!account) {
      throw maskedError('UNKNOWN_ACCOUNT', { account: name });
    }
    const off = (problem: string) => maskedError('ACTIONS_OFF', { account: name, problem });
    if (!account.actions) {
      throw off('actions are off');
    }
    if (!account.credentials) {
      throw off('the account has no API key');
    }
    let caller = callers.get(name);
    if (!caller) {
      const { site, endpoint, credentials } = account;
      caller = createApiCaller({
        account: name,
        site,
        ...(endpoint === undefined ? {} : { endpoint }),
        ...credentials,
        maxTries: 1,
      });
      callers.set(name, caller);
    }
    return caller;
  }

  function sign(order: StreamActionRequest, until: number, nonce: string): string {
    const { account, action, domain, app, stream, resumeAt, reason } = order;
    return createHmac('sha256', secret)
      .update(
        JSON.stringify([account, action, domain, app, stream, resumeAt, reason, until, nonce]),
      )
      .digest('base64url');
  }

  function checkConfirm(order: StreamActionRequest, confirm: string): void {
    const no = (problem: string) => maskedError('ACTION_UNCONFIRMED', { problem });
    const [untilText = '', nonce = '', given = ''] = confirm.split('.', 3);
    const until = Number.parseInt(untilText, 36);
    const wanted = Buffer.from(sign(order, until, nonce));
    const bytes = Buffer.from(given);
    if (bytes.length !== wanted.length || !timingSafeEqual(bytes, wanted)) {
      throw no('it belongs to another action, or the server was restarted');
    }
    if (now() > until) {
      throw no('it has expired');
    }
    for (const [old, ends] of used) {
      if (now() > ends) {
        used.delete(old);
      }
    }
    if (used.has(nonce)) {
      throw no('it has been used already');
    }
    used.set(nonce, until);
  }

  /** Counts lines of the audit log, because all processes share it and it survives a restart. */
  async function checkRate(account: string): Promise<void> {
    const at = now();
    const count = (await audit.latest(RATE_LINES)).filter(
      (entry) =>
        entry.account === account &&
        entry.phase === 'ordered' &&
        Math.abs(at - entry.at) < MINUTE_MS,
    ).length;
    if (count >= maxPerMinute) {
      throw maskedError('ACTION_LIMIT', { account, count });
    }
  }

  /** Runs one at a time, so that two orders cannot both be the last one allowed. */
  function runInOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  }

  return {
    check: (given) => checkActionRequest(given, now()),

    async dryRun(order) {
      const caller = callerOf(order.account);
      // The state is for information. A key without permission to read it may still be allowed to act.
      const state = await readStreamState(caller, order).catch((): StreamState => 'unknown');
      const until = now() + CONFIRM_MS;
      const nonce = randomBytes(6).toString('base64url');
      return {
        order,
        state,
        effects: effectsOf(order, state),
        confirm: `${until.toString(36)}.${nonce}.${sign(order, until, nonce)}`,
        confirmUntil: until,
      };
    },

    carryOut(order, confirm, actor, language = 'en') {
      return runInOrder(async () => {
        const caller = callerOf(order.account);
        await checkRate(order.account);
        checkConfirm(order, confirm);
        const id = randomUUID();
        const note = (
          phase: AuditEntry['phase'],
          more: Pick<AuditEntry, 'requestId' | 'error'> = {},
        ) => audit.append({ at: now(), id, phase, ...actor, ...order, ...more });
        // The order is on disk already. An error of the log must not hide what CSS did.
        const noteAfter = (...args: Parameters<typeof note>) =>
          note(...args).catch(() => undefined);
        await note('ordered');
        try {
          const { requestId } = await callStreamAction(caller, order);
          await noteAfter('done', { requestId });
          return { order, id, requestId };
        } catch (thrown) {
          const error = asBreakwatchError(thrown);
          const { apiCode, requestId } = error.details;
          const isAnswer = typeof apiCode === 'string' && !apiCode.startsWith('HTTP');
          await noteAfter(isAnswer ? 'failed' : 'unknown', {
            error: `${error.code}: ${error.message}`,
            ...(typeof requestId === 'string' ? { requestId } : {}),
          });
          throw isAnswer ? explain(error, order, language) : error;
        }
      });
    },

    latest: (limit) => audit.latest(limit),

    close() {
      for (const caller of callers.values()) {
        caller.close();
      }
    },
  };
}

/** Replaces the code of an API error by its cause and fix from the catalogue. */
function explain(
  error: BreakwatchError,
  order: StreamActionRequest,
  language: Language,
): BreakwatchError {
  const apiCode = String(error.details.apiCode);
  const apiMessage = error.details.apiMessage ? `: ${error.details.apiMessage}` : '';
  const entry = lookUp(`${apiCode}${apiMessage}`).find(({ kind }) => kind === 'api');
  const fix = (entry?.fix ?? []).map((step) => pickText(step, language));
  if (error.code === 'CSS_PERMISSION') {
    fix.push(`The key needs the CAM action live:${apiActionOf(order.action)}.`);
  }
  return maskedError(
    'ACTION_FAILED',
    {
      action: order.action,
      apiCode,
      requestId: String(error.details.requestId ?? 'none'),
      cause: entry?.cause ? pickText(entry.cause, language) : error.message,
      fix: fix.join(' ') || error.remedy,
    },
    { cause: error },
  );
}

/** Source: the API documents of DropLiveStream, ForbidLiveStream and ResumeLiveStream. */
function effectsOf({ action, resumeAt }: StreamActionRequest, state: StreamState): string[] {
  if (action === 'drop') {
    return [
      state === 'active'
        ? 'CSS ends the push now (reason 21/100).'
        : 'The stream is not live, so nothing changes; CSS still reports success.',
      'The stream is not banned: the encoder may push again at once.',
    ];
  }
  if (action === 'forbid') {
    return [
      state === 'active'
        ? 'CSS ends the push now (reason 21/101).'
        : 'The stream is not live now, and it cannot start.',
      resumeAt === null
        ? 'New pushes are refused (18/305) for 7 days, CSS’s default, or until it is resumed.'
        : `New pushes are refused (18/305) until ${new Date(resumeAt).toISOString()}, or until it is resumed.`,
      'CSS bans the StreamName on every domain and AppName, unless strict matching was enabled for the account by a ticket.',
    ];
  }
  return [
    state === 'forbid'
      ? 'The ban is lifted; the encoder may push again.'
      : 'CSS does not report the stream as banned, so nothing changes.',
  ];
}
