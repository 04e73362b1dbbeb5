import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { type ApiCaller, createApiCaller } from '../css/api/index.ts';
import {
  type ActionOrder,
  apiActionOf,
  callStreamAction,
  checkActionOrder,
  readStreamState,
  type StreamState,
} from '../css/api/stream-actions.ts';
import type { BreakwatchError } from '../model/errors.ts';
import { pickText } from '../model/localized-text.ts';
import type { Language } from '../model/vocabulary.ts';
import { lookUp } from '../reasons/lookup-code.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import type { AuditEntry, AuditLog } from './audit-log.ts';
import type { Account } from './engine.ts';

/** Who gives an order, and how. */
export interface Actor {
  via: AuditEntry['via'];
  by: string;
}

/** What an order would do. Nothing has been done yet. */
export interface ActionPlan {
  order: ActionOrder;
  /** What CSS says of the stream now; `unknown` when it could not be asked. */
  state: StreamState;
  /** What would happen, in English. */
  effects: string[];
  /** Carries out exactly this order, once, until it expires. */
  confirm: string;
  /** Epoch ms UTC. */
  confirmUntil: number;
}

/** What was done. */
export interface ActionDone {
  order: ActionOrder;
  /** Joins the lines of the audit log. */
  id: string;
  /** CSS's id of the request. */
  requestId: string;
}

/** Drops, forbids and resumes streams, guarded. */
export interface StreamActions {
  /**
   * Checks an order that came from outside.
   *
   * @param given - fields of an order; times as epoch ms UTC
   * @throws `BAD_ACTION` naming the field
   */
  check(given: Partial<Record<keyof ActionOrder, unknown>>): ActionOrder;
  /**
   * Tells what an order would do.
   *
   * @throws `ACTIONS_OFF`, `UNKNOWN_ACCOUNT`
   */
  dryRun(order: ActionOrder): Promise<ActionPlan>;
  /**
   * Carries out an order that a dry run has confirmed. The order is in the audit log before CSS is
   * asked, and what came of it afterwards. It is tried once: a second drop could cut the push that
   * has just come back.
   *
   * @throws `ACTIONS_OFF`, `UNKNOWN_ACCOUNT`, `ACTION_UNCONFIRMED`, `ACTION_LIMIT`, `AUDIT_FAILED`,
   *   `ACTION_FAILED` with cause and fix of the API's error, `CSS_*` when CSS gave no clear answer
   */
  carryOut(
    order: ActionOrder,
    confirm: string,
    actor: Actor,
    language?: Language,
  ): Promise<ActionDone>;
  /** The last lines of the audit log, newest first. @throws `AUDIT_FAILED` */
  latest(limit: number): Promise<AuditEntry[]>;
  /** Gives up kept connections. */
  close(): void;
}

/** What actions are made of. */
export interface StreamActionsOptions {
  accounts: readonly Account[];
  audit: AuditLog;
  /** The clock, epoch ms UTC. */
  now?: () => number;
  /** Actions an account may have within a minute; 10 when absent. */
  maxPerMinute?: number;
}

const CONFIRM_MS = 5 * 60_000;
const MINUTE_MS = 60_000;
const MAX_PER_MINUTE = 10;
/** Lines looked at for the rate; a minute holds far fewer. */
const LINES_LOOKED_AT = 2_000;

/** Makes actions for the accounts that allow them. */
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

  function sign(order: ActionOrder, until: number, nonce: string): string {
    const { account, action, domain, app, stream, resumeAt, reason } = order;
    return createHmac('sha256', secret)
      .update(
        JSON.stringify([account, action, domain, app, stream, resumeAt, reason, until, nonce]),
      )
      .digest('base64url');
  }

  function checkConfirm(order: ActionOrder, confirm: string): void {
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

  /** The log is the one memory of all processes, so the limit outlives each of them. */
  async function checkRate(account: string): Promise<void> {
    const at = now();
    const count = (await audit.latest(LINES_LOOKED_AT)).filter(
      (entry) =>
        entry.account === account &&
        entry.phase === 'ordered' &&
        Math.abs(at - entry.at) < MINUTE_MS,
    ).length;
    if (count >= maxPerMinute) {
      throw maskedError('ACTION_LIMIT', { account, count });
    }
  }

  /** One at a time, so that two orders can not both be the last one allowed. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  }

  return {
    check: (given) => checkActionOrder(given, now()),

    async dryRun(order) {
      const caller = callerOf(order.account);
      // The state is for the reader; a key that may not ask for it may still act.
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
      return inTurn(async () => {
        const caller = callerOf(order.account);
        await checkRate(order.account);
        checkConfirm(order, confirm);
        const id = randomUUID();
        const note = (
          phase: AuditEntry['phase'],
          more: Pick<AuditEntry, 'requestId' | 'error'> = {},
        ) => audit.append({ at: now(), id, phase, ...actor, ...order, ...more });
        // The order is on disk by then; a log that fails now must not hide what CSS did.
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

/** Puts cause and fix of the API's error, as the catalogue has them, in place of its bare code. */
function explain(error: BreakwatchError, order: ActionOrder, language: Language): BreakwatchError {
  const apiCode = String(error.details.apiCode);
  const entry = lookUp(apiCode).find(({ kind }) => kind === 'api');
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
function effectsOf({ action, resumeAt }: ActionOrder, state: StreamState): string[] {
  if (action === 'drop') {
    return [
      state === 'active'
        ? 'The push is cut now (CSS tells 21/100).'
        : 'The stream is not live, so nothing is cut; CSS calls that a success.',
      'Nothing is banned: the encoder may push again at once.',
    ];
  }
  if (action === 'forbid') {
    return [
      state === 'active'
        ? 'The push is cut now (CSS tells 21/101).'
        : 'The stream is not live now; it can not begin.',
      resumeAt === null
        ? 'New pushes are refused (18/305) for 7 days, CSS’s default, or until it is resumed.'
        : `New pushes are refused (18/305) until ${new Date(resumeAt).toISOString()}, or until it is resumed.`,
      'Unless strict matching has been set up by ticket, CSS bans the StreamName on every domain and AppName.',
    ];
  }
  return [
    state === 'forbid'
      ? 'The ban is lifted; the encoder may push again.'
      : 'The stream is not banned as far as CSS tells, so nothing changes.',
  ];
}
