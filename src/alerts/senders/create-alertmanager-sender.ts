import type { AlertInstance, AlertNotice, AlertSender } from '../../model/alert.ts';
import { facesFor } from '../../model/alert-faces.ts';
import { asBreakwatchError, BreakwatchError } from '../../model/errors.ts';
import type { AlertmanagerSettings } from '../alert-settings.ts';
import { passesFilter } from '../passes-filter.ts';
import { type AlertmanagerAlert, alertmanagerAlert } from './alertmanager-alert.ts';
import { postJson } from './post-json.ts';
import type { LinkSettings } from './write-message.ts';

/** Name of this way out. */
export const ALERTMANAGER = 'alertmanager';

/** Resolved alerts are sent again for so long, for a member that was down; as Prometheus does. */
const REPEAT_RESOLVED_MS = 15 * 60_000;
/** What was over before it could be told fires for so long, or Alertmanager would tell nobody. */
const MISSED_FIRES_MS = 120_000;
const TEST_FIRES_MS = 60_000;
const POST_TIMEOUT_MS = 10_000;
const MOST_ALERTS = 500;
/** Requests to one member that hang or wait at most. */
const MOST_REQUESTS = 3;

interface Member {
  url: string;
  /** What people see of the address. */
  shown: string;
  requests: number;
  last: Promise<unknown>;
}

/**
 * Makes the way out to Prometheus Alertmanager (API v2). Every member of a pair gets everything, as
 * they tell each other what was notified but not which alerts there are. One that has it is enough for
 * a notice; one that was down gets it with the next {@link AlertSender.refresh}.
 *
 * @param now - the clock, epoch ms UTC
 */
export function createAlertmanagerSender(
  settings: AlertmanagerSettings,
  links: LinkSettings,
  now: () => number = Date.now,
): AlertSender {
  const members = settings.urls.map((url): Member => {
    const { protocol, host } = new URL(url);
    return { url, shown: `${protocol}//${host}`, requests: 0, last: Promise.resolve() };
  });
  const secrets = settings.authorization === null ? [] : secretsOf(settings.authorization);
  const resolved = new Map<string, { notice: AlertNotice; at: number }>();

  /** In order at each member, so that what is over does not begin to fire again. */
  function post(member: Member, alerts: readonly AlertmanagerAlert[], signal: AbortSignal) {
    if (member.requests >= MOST_REQUESTS) {
      throw new BreakwatchError('SENDER_FAILED', {
        way: ALERTMANAGER,
        problem: `${member.shown} still has not answered`,
      });
    }
    member.requests += 1;
    const posted = turnOf(member.last, signal).then(() =>
      postJson({
        way: ALERTMANAGER,
        url: `${member.url}/api/v2/alerts`,
        body: JSON.stringify(alerts),
        headers: settings.authorization === null ? {} : { authorization: settings.authorization },
        secrets,
        signal: AbortSignal.any([signal, AbortSignal.timeout(POST_TIMEOUT_MS)]),
      }),
    );
    const ended = () => {
      member.requests -= 1;
    };
    const before = member.last;
    member.last = posted.then(ended, ended).then(() => before);
    return posted;
  }

  async function postTo(member: Member, alerts: readonly AlertmanagerAlert[], signal: AbortSignal) {
    try {
      const { status } = await post(member, alerts, signal);
      return `${member.shown}: HTTP ${status}`;
    } catch (thrown) {
      const error = asBreakwatchError(thrown);
      throw members.length === 1
        ? error
        : new BreakwatchError(
            error.code === 'SENDER_REFUSED' ? 'SENDER_REFUSED' : 'SENDER_FAILED',
            { ...error.details, problem: `${member.shown}: ${error.details.problem ?? ''}` },
          );
    }
  }

  /** What was told before a severity rose is told under its old labels as well, until it is over. */
  function inFaces<T extends Pick<AlertNotice, 'alert'>>(told: T): T[] {
    return facesFor(told.alert, (labels) => passesFilter(settings.filter, labels)).map(
      ({ labels, runbook }) => ({ ...told, alert: { ...told.alert, labels, runbook } }),
    );
  }

  function write(notice: AlertNotice): AlertmanagerAlert[] {
    const { kind, missed, test, alert } = notice;
    const at = now();
    const firesUntil = test
      ? at + TEST_FIRES_MS
      : missed
        ? at + MISSED_FIRES_MS
        : at + settings.endAfterMs;
    const isOver = kind === 'resolve' && !missed && !test;
    const endsAt = isOver ? Math.min(alert.resolvedAt ?? at, at) : firesUntil;
    // Nobody was told of what was missed, so one is enough.
    const faces = missed || test ? [notice] : inFaces(notice);
    return faces.map((face) => alertmanagerAlert(face, settings, links, endsAt, at));
  }

  return {
    name: ALERTMANAGER,

    async send(notices, signal) {
      for (const notice of notices) {
        if (notice.kind === 'resolve' && !notice.missed && !notice.test) {
          resolved.set(notice.alert.id, { notice, at: now() });
        } else {
          resolved.delete(notice.alert.id);
        }
      }
      // A test ends by itself: resolved at once, Alertmanager would tell nobody.
      const told = notices.filter(({ test, kind }) => !(test && kind === 'resolve'));
      if (told.length === 0) {
        return `ends by itself within ${TEST_FIRES_MS / 1_000} s`;
      }
      const alerts = told.flatMap(write);
      const posts = members.map((member) => postTo(member, alerts, signal));
      try {
        return notices.some(({ test }) => test)
          ? (await Promise.all(posts)).join('; ')
          : await Promise.any(posts);
      } catch (thrown) {
        throw thrown instanceof AggregateError ? worstOf(thrown.errors) : thrown;
      }
    },

    async refresh(firing, signal) {
      const at = now();
      for (const [id, { at: since }] of resolved) {
        if (at - since > REPEAT_RESOLVED_MS) {
          resolved.delete(id);
        }
      }
      const wanted = firing.filter(
        ({ id, told }) => !resolved.has(id) && (told.page !== null || settings.sendInhibited),
      );
      const alerts = [
        ...wanted.flatMap((alert) => alertsOf(alert, at)),
        ...[...resolved.values()].flatMap(({ notice }) => write(notice)),
      ];
      const sent = members.map(async (member) => {
        for (let from = 0; from < alerts.length; from += MOST_ALERTS) {
          await postTo(member, alerts.slice(from, from + MOST_ALERTS), signal);
        }
      });
      const failed = (await Promise.allSettled(sent)).flatMap((result) =>
        result.status === 'rejected' ? [result.reason] : [],
      );
      if (failed.length > 0) {
        throw worstOf(failed);
      }
    },
  };

  function alertsOf(alert: AlertInstance, at: number): AlertmanagerAlert[] {
    const notice = { kind: 'page', at: alert.told.page ?? at, alert } as const;
    return inFaces(notice).map((face) =>
      alertmanagerAlert(face, settings, links, at + settings.endAfterMs, at),
    );
  }
}

/** Resolves when it is somebody's turn, or when the time for it is over. */
function turnOf(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    before.then(() => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** One that may work later outweighs one that will not. */
function worstOf(errors: readonly unknown[]): BreakwatchError {
  const all = errors.map(asBreakwatchError);
  const again = all.find(({ code }) => code !== 'SENDER_REFUSED') ?? all[0];
  const problem = all.map(({ details, message }) => details.problem ?? message).join('; ');
  return again?.code === 'SENDER_REFUSED'
    ? new BreakwatchError('SENDER_REFUSED', { way: ALERTMANAGER, problem })
    : new BreakwatchError('SENDER_FAILED', { ...again?.details, way: ALERTMANAGER, problem });
}

/** `Basic …` holds user and password once more in Base64. */
function secretsOf(authorization: string): string[] {
  const [scheme, value = ''] = authorization.split(' ');
  const plain = scheme === 'Basic' ? Buffer.from(value, 'base64').toString('utf8') : '';
  return [authorization, value, plain, plain.slice(plain.indexOf(':') + 1)].filter(
    (text) => text.length >= 4,
  );
}
